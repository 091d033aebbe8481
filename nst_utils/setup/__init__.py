"""The start of a notebook, the doctor, and what is wrong with an installation."""
