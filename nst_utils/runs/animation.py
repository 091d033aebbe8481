"""Pictures one after the other, as an animated GIF."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from ..base.arguments import check_number, describe_value
from ..base.types import Picture
from ..pictures import arrays

LONGEST = 600  # seconds; a GIF cannot show one picture for more than 655
HOLD = 1.5  # seconds that the last picture stays before the animation begins again


def animated_gif(pictures: Sequence[Picture], seconds: float = 4.0) -> bytes:
    """Make an animation that runs for ever.

    Parameters
    ----------
    pictures : sequence of pictures
        ``(height, width, 3)``, RGB, values in [0, 1]; they are shown in the size of the last one.
    seconds : float, optional
        Time from the first picture to the last, above 0 and up to 600. The last one stays for 1.5 s more.

    Returns
    -------
    bytes
        A GIF file, for ``IPython.display.Image(data)`` or ``pathlib.Path("run.gif").write_bytes(data)``.

    Raises
    ------
    ValueError
        Without pictures (``snapshot_every`` keeps them during a run), and for another time.
    nst_utils.ImageError
        For something that is not a picture.

    Examples
    --------
    >>> from nst_utils import photo
    >>> data = animated_gif([photo("coffee", 32) * share for share in (0.2, 0.6, 1.0)], seconds=1)
    >>> data[:6]
    b'GIF89a'
    """
    if isinstance(pictures, str) or not np.iterable(pictures):
        raise ValueError(
            f"pictures is {describe_value(pictures)}; give a list of pictures, such as run.snapshots."
        )
    pictures = [arrays.check_picture(picture, f"picture {n}") for n, picture in enumerate(pictures)]
    if not pictures:
        raise ValueError("There is no picture to show: run with snapshot_every=5 to keep some.")
    seconds = check_number(
        "seconds", seconds, f"a positive number up to {LONGEST}", lambda number: 0 < number <= LONGEST
    )
    shape = pictures[-1].shape[:2]
    frames = [Image.fromarray(arrays.to_uint8(arrays.resize(picture, shape))) for picture in pictures]
    frames = [frame.quantize(128, dither=Image.Dither.NONE) for frame in frames]
    durations = [round(1000 * seconds / max(1, len(frames) - 1))] * (len(frames) - 1) + [round(1000 * HOLD)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return file.getvalue()
