"""The course as slides, built from the executed notebooks: ``python -m publish``.

The decks open without a network. Nothing here runs a notebook: figures and numbers are those it was
committed with.
"""
