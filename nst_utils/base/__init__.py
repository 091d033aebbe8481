"""What every module stands on: checks of arguments, TensorFlow without chatter, interrupts, web addresses."""


class SetupError(ImportError):
    """What is installed here does not let the course run; the message says what to do next."""
