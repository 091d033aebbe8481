"""Where trained weights come from: VGG19, Magenta's model, TF-Hub, the package index."""

from . import magenta_weights, vgg_weights
from .vgg_weights import fetch_weights, load_into

__all__ = ["fetch_weights", "load_into", "magenta_weights", "vgg_weights"]
