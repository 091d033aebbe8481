"""The painters of the course's own paintings: a painter ``(size, seed)`` returns a square picture.

What they paint is data of the package; ``python -m scripts.paintings`` or ``make paintings`` paints it anew.
"""

import io

import numpy as np
from PIL import Image

from .composition import composition
from .ink import ink
from .mosaic import mosaic
from .swirls import swirls
from .woodblock import woodblock

PAINTERS = {painter.__name__: painter for painter in (swirls, woodblock, mosaic, composition, ink)}
SEEDS = 0, 1  # two paintings by each painter
SIZE = 1024  # pixels a side
QUALITY = 76  # the best at which all paintings together stay below 4 MB


def jpeg(name, seed):
    """Paint a picture and return it as the bytes of a JPEG file."""
    pixels = np.rint(PAINTERS[name](SIZE, seed) * 255).astype(np.uint8)
    file = io.BytesIO()
    # Subsampling would blur the colors of brush strokes.
    Image.fromarray(pixels).save(file, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return file.getvalue()
