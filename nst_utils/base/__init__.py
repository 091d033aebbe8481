"""What every module stands on: checks of arguments, TensorFlow without chatter, interrupts, downloads."""


class SetupError(ImportError):
    """A package is missing, broken or set up in a way that the course cannot run with."""
