"""The package behind the course on neural style transfer: it reads like the course.

Notebook *n* derives an idea by hand; module *n* holds the same idea as a tested function. Importing
``nst_utils`` is instant: a name is loaded when it is first used, TensorFlow with the first that needs it.
"""

import importlib

from .interrupts import HeldInterrupts

_HOME = {  # public name → the module that defines it
    "ImageError": "images",
    "load_image": "images",
    "save_image": "images",
    "resize": "images",
    "to_uint8": "images",
    "from_uint8": "images",
    "check_picture": "images",
    "photo": "samples",
    "painting": "samples",
    "photo_names": "samples",
    "painting_names": "samples",
    "WeightsError": "fetching",
    "FeatureExtractor": "features",
    "layer_names": "features",
    "gram_matrix": "gram",
    "pixel_loss": "losses",
    "content_loss": "losses",
    "style_loss": "losses",
    "total_variation_loss": "losses",
    "StyleTransferLoss": "losses",
    "stylize": "optimize",
    "resume": "optimize",
    "StyleTransferRun": "record",
    "magenta_handle": "hub",
    "style_vector": "hub",
    "stylize_fast": "hub",
    "LiveView": "live",
    "animated_gif": "animation",
    "start_notebook": "environment",
}
_MODULES = (
    "images",
    "samples",
    "artworks",
    "weights",
    "architecture",
    "features",
    "gram",
    "losses",
    "initial",
    "memory",
    "lbfgs",
    "optimize",
    "magenta",
    "local_magenta",
    "hub",
    "plots",
    "checks",
    "widgets",
    "environment",
)

__version__ = "0.1.0"
__all__ = [*_HOME, *_MODULES]


def __getattr__(name):
    if name not in _HOME and name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with HeldInterrupts() as interrupts:  # many packages cannot be imported again after half an import
        try:
            module = importlib.import_module(f".{_HOME.get(name, name)}", __name__)
        except Exception as error:  # an installation can be broken in any way at all
            from .requirements import raise_explained

            raise_explained(error)
    interrupts.check()
    return getattr(module, name) if name in _HOME else module


def __dir__():
    return sorted({*globals(), *__all__})
