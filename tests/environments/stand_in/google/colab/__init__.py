"""Stands in for the module that Colab's kernel has imported before the first cell runs."""
