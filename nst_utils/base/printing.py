"""Printing that does not fail on a letter which the terminal, or the file behind it, does not know."""

import sys


def replace_unknown_letters():
    """Let × and · become ? where output is not in Unicode, as in a Windows pipe or under ``ascii``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a notebook's streams are no files, and know every letter
            stream.reconfigure(errors="replace")
