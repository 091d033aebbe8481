"""This computer: the doctor, Colab, and what is wrong with an installation."""
