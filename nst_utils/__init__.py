"""The package behind the course on neural style transfer: it reads like the course.

Notebook *n* derives an idea by hand; module *n* holds the same idea as a tested function: ``features``,
``gram``, ``losses``, ``loop``, ``fast``, ``train``, ``control``, ``statistics``. Importing ``nst_utils`` is
instant: a name is loaded on first use, TensorFlow with the first that needs it. The public names are those of
``__init__.pyi``.
"""

import lazy_loader as _lazy

from .base.interrupts import DelayedKeyboardInterrupt as _DelayedKeyboardInterrupt
from .setup.installation import explained_imports as _explained_imports

__version__ = "0.1.0"
_load, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    # An interrupt waits: half imported, many packages cannot be imported again in the same process
    with _explained_imports(), _DelayedKeyboardInterrupt() as interrupts:
        value = _load(name)
    interrupts.check()
    return value
