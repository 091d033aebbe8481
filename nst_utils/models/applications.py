"""Keras' applications: networks by their names, with weights."""

import difflib
import random
import sys
from functools import lru_cache
from pathlib import Path

from ..base.tensorflow import keras
from . import vgg_weights
from .fetching import WeightsError


def application(network):
    """Return builder and preprocessing of a Keras application, by its name in any case."""
    builders = {
        name.lower(): getattr(keras.applications, name)
        for name in dir(keras.applications)
        if name[0].isupper() and callable(getattr(keras.applications, name))
    }
    if not isinstance(network, str) or network.lower() not in builders:
        raise ValueError(
            f"There is no Keras application {network!r}."
            f"{did_you_mean(str(network).lower(), builders)} Choose one of: {', '.join(sorted(builders))}."
        )
    builder = builders[network.lower()]
    own = sys.modules[builder.__module__].preprocess_input
    return builder, lambda pictures: own(pictures * 255.0)


def did_you_mean(word, known):
    """Return a question with the names next to a wrong one, or nothing."""
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(near)}?" if near else ""


@lru_cache(maxsize=4)
def build(network, weights_choice, seed, precision="float32"):
    """Return the convolutional part of a network, frozen, its preprocessing, and its weights' source."""
    builder, preprocess = application(network)
    from_keras = weights_choice == "auto" and network.lower() not in vgg_weights.SOURCES
    # Keras takes the seeds of all layers from Python's generator, and the type of numbers from its global
    # policy: both are the reader's own, and are put back.
    policy, generator = keras.config.dtype_policy(), random.getstate()
    keras.config.set_dtype_policy(precision)
    random.seed(int(seed))
    try:
        model = builder(include_top=False, weights="imagenet" if from_keras else None)
    except Exception as error:
        if not from_keras:
            raise
        raise WeightsError(  # Keras raises a bare Exception when a download fails
            f"Keras could not download {network} ({error}). Connect to the internet and try again, or use"
            ' weights="random" or the path of a Keras weight file.'
        ) from error
    finally:
        keras.config.set_dtype_policy(policy)
        random.setstate(generator)
    source = "downloaded by Keras" if from_keras else f"random weights (seed {seed}), not trained"
    if weights_choice == "auto" and not from_keras:
        file = vgg_weights.fetch_weights(network.lower())
        vgg_weights.load_into(model, file.path)
        source = file.source
    elif weights_choice not in ("auto", "random"):
        vgg_weights.load_into(model, Path(weights_choice))
        source = f"the file {Path(weights_choice).name}"
    model.trainable = False
    return model, preprocess, source
