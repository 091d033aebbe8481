"""What every module stands on: checks of arguments, TensorFlow without chatter, interrupts, downloads."""


class SetupError(ImportError):
    """A package is missing, broken, or of a version that the course cannot run with.

    It comes when a module of the course is first used and TensorFlow, OpenCV or another package does not
    start. It is an ``ImportError``. The message names the package and the command that installs it; restart
    the kernel after that. :func:`nst_utils.diagnose` checks all packages at once.
    """
