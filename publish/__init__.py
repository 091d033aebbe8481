"""The course as slides and as a website, built from the executed notebooks: ``python -m publish``.

Both open without a network. Nothing here runs a notebook: figures and numbers are those it was
committed with.
"""
