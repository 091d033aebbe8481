"""What a run was made of, so that it goes on with the same pictures and the same network."""

import hashlib

from ..base.tensorflow import tf


def hash_pictures(*pictures):
    """Return what identifies the inputs of a run."""
    return tuple(hashlib.sha256(picture.tobytes()).hexdigest() for picture in pictures)


def describe_network(extractor):
    """Return the settings that name an extractor."""
    named = extractor if hasattr(extractor, "__qualname__") else type(extractor)  # any other callable
    return {
        "weights": getattr(extractor, "source", named.__qualname__),
        "precision": getattr(extractor, "precision", "unknown"),
    }


def sizes_of_targets(loss):
    """Return numbers that are different from network to network, whatever its name."""
    targets = [*loss.content_targets.values(), *loss.style_targets.values()]
    return [float(tf.norm(tf.cast(target, tf.float32))) for target in targets]


def another_network(first, second):
    """Return the error that tells a run's settings from those of another extractor."""
    was, now = (f"{settings['weights']}, precision {settings['precision']}" for settings in (first, second))
    return ValueError(
        f"This is not the extractor of that run. It was: {was}. This one is"
        f" {'of that name, but has other features' if was == now else now}. Give resume the same one with"
        " extractor=..., or start another run with stylize(..., initial=run.picture)."
    )
