"""The package behind the course on neural style transfer: it reads like the course.

Notebook *n* derives an idea by hand; module *n* holds the same idea as a tested function: ``features``,
``gram``, ``losses``, ``loop``, ``fast``. Importing ``nst_utils`` is instant: a name is loaded when it is first
used, TensorFlow with the first that needs it. The public names stand in ``__init__.pyi``.
"""

import lazy_loader as _lazy

from .base.interrupts import DelayedKeyboardInterrupt as _DelayedKeyboardInterrupt

__version__ = "0.1.0"
_load, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)


def __getattr__(name):
    with _DelayedKeyboardInterrupt() as interrupts:  # many packages cannot be imported again after half an import
        try:
            value = _load(name)
        except AttributeError as error:
            if name not in __all__:
                raise
            _raise_explained(error)
        except Exception as error:  # an installation can be broken in any way at all
            _raise_explained(error)
    interrupts.check()
    return value


def _raise_explained(error):
    from .setup.installation import raise_explained

    raise_explained(error)
