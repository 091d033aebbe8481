"""Pictures from files, web addresses, bytes and PIL images, and back into files.

Pillow decodes, because it handles what OpenCV drops or gets wrong: palettes, transparency, CMYK, GIF.
"""

import contextlib
import difflib
import io
import os
import re
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ..base.download import read_url
from ..base.types import Picture
from .arrays import SMALLEST_SIDE, ImageError, check_picture, from_array, resize, to_uint8

MAX_DOWNLOAD = 50_000_000  # bytes
# What cameras, phones and websites make; several photos in one (MPO) count as JPEG, and HEIF takes a plug-in.
# Pillow knows 40 more: decoders that hardly anybody tries, and EPS, for which it runs Ghostscript.
READ_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "ICO", "HEIF")
SAVE_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
# What counts as a picture in a folder; HEIC among it, so that it is named and not passed over
EXTENSIONS = (*SAVE_FORMATS, ".jfif", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif")


def load_image(
    source: str | os.PathLike | bytes | BinaryIO | NDArray | Image.Image, size: int | None = None
) -> Picture:
    """Load an image from nearly anything as a picture.

    Parameters
    ----------
    source : path, https address, bytes, binary file, array or PIL image
        Files are turned upright (EXIF) and read at their first frame. Arrays are ``(h, w)``, ``(h, w, 1)``,
        ``(h, w, 3)`` or ``(h, w, 4)``, or a batch of one of these, of bool, uint8, uint16, or floats in
        [0, 1]; other integers are refused, since their range is unknown. Alpha is blended over white. Nothing
        given is changed or shared.
    size : int, optional
        Longer side of the picture in pixels; the aspect is kept. By default the size stays.

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    nst_utils.ImageError
        If there is no usable image of at least 16 pixels a side; the message names source and next step.
    nst_utils.DownloadError
        If a web address cannot be read.
    MemoryError
        If the image is too large for the free memory.

    See Also
    --------
    nst_utils.photo, nst_utils.painting : Pictures that need no file.
    nst_utils.save_image : The way back.

    Examples
    --------
    >>> gray = np.full((300, 400), 255, np.uint8)
    >>> picture = load_image(gray, size=100)
    >>> print(picture.shape, picture.dtype, picture.max())
    (75, 100, 3) float32 1.0
    """
    name, array = _read(source)
    picture = from_array(array, name)
    if size is not None:
        picture, name = resize(picture, size), f"{name} at size {size}"
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        advice = f"both sides need {SMALLEST_SIDE} at least: choose a larger image or size"
        raise ImageError(f"{name} has {width} × {height} pixels; {advice}.")
    return picture


def save_image(picture: ArrayLike, path: str | os.PathLike, quality: int = 92) -> Path:
    """Save a picture as PNG, JPEG or WebP, by the extension of the path.

    The file appears whole or not at all. Its folder must exist: a new folder made from a misspelled
    path would only hide the picture.

    Parameters
    ----------
    picture : array
        ``(height, width, 3)``, values in [0, 1]; rounded to 8 bits.
    path : str or path
        Ends in ``.png``, ``.jpg``, ``.jpeg`` or ``.webp``. An existing file is replaced.
    quality : int, optional
        1 to 100, for JPEG and WebP.

    Returns
    -------
    pathlib.Path
        The path of the file.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture, and when the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from nst_utils import photo
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_image(photo("coffee", 64), f"{folder}/coffee.png")
    ...     print(path.name, load_image(path).shape)
    coffee.png (43, 64, 3)
    """
    pixels = to_uint8(check_picture(picture))
    path = Path(os.path.expanduser(path))
    file_format = SAVE_FORMATS.get(path.suffix.lower())
    if file_format is None:
        raise ImageError(f"{path}: choose one of the extensions {', '.join(SAVE_FORMATS)}.")
    with written_whole(path, "choose another folder or format") as part, open(part, "xb") as file:
        # Subsampling would blur the colors of brush strokes; PNG and WebP ignore the option.
        Image.fromarray(pixels).save(file, file_format, quality=quality, subsampling=0)
    return path


@contextlib.contextmanager
def written_whole(path: Path, advice: str) -> Iterator[Path]:
    """Give the path of a new file that becomes ``path``, but only once all is written."""
    part = path.parent / f".{uuid.uuid4().hex}{path.suffix}"
    try:
        yield part
        os.replace(part, path)
    except ImageError:  # a sentence already
        raise
    except (OSError, ValueError) as error:  # ValueError: larger than the format allows
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path} cannot be written ({reason}); {advice}.") from error
    finally:
        with contextlib.suppress(OSError):  # it has been moved, or was never made
            part.unlink()


def _read(source):
    """Return what messages call a source, and its array; what is no image file comes back as it is."""
    if isinstance(source, str) and re.match(r"[a-z][a-z0-9+.-]+://", source, re.IGNORECASE):
        return source, _decode(io.BytesIO(read_url(source, max_bytes=MAX_DOWNLOAD)), source)
    if isinstance(source, (str, os.PathLike)):
        path = Path(os.path.expanduser(source))
        name = f"{str(path):.300}"  # a data: address can have megabytes
        with open_file(path, name) as file:
            return name, _decode(file, name)
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = io.BytesIO(source)
    elif hasattr(source, "read"):
        source = io.BytesIO(source.read())  # not every stream can seek
    is_encoded = isinstance(source, (io.BytesIO, Image.Image))
    return "The image", _decode(source, "The image") if is_encoded else source


def open_file(path: Path, name: str) -> BinaryIO:
    """Open a file to read, or raise an error that names it, and names that are near."""
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or error
        if isinstance(error, FileNotFoundError):
            names = {entry.name.lower(): entry.name for entry in path.parent.glob("*")}
            near = difflib.get_close_matches(path.name.lower(), names, n=3)
            reason = f"did you mean {' or '.join(names[name] for name in near)}?" if near else reason
        raise ImageError(f"{name} cannot be opened ({reason}); check the path.") from error


def _decode(source, name):
    """Decode a binary file, or convert a PIL image: upright, its first frame.

    Returns an array ``(height, width)`` or ``(height, width, 3 or 4)`` of uint8, uint16 or float.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the errors below say the same
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.init()  # registers the formats that this Pillow has
            formats = [name for name in READ_FORMATS if name in Image.OPEN]
            image = source if isinstance(source, Image.Image) else Image.open(source, formats=formats)
            return _to_array(ImageOps.exif_transpose(image))
    except MemoryError as error:
        raise MemoryError(f"{name} does not fit into memory; shrink it in an image editor.") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        limit = Image.MAX_IMAGE_PIXELS // 10**6
        raise ImageError(f"{name} has more than {limit} megapixels; shrink it in an image editor.") from error
    except UnidentifiedImageError as error:
        source.seek(0)
        raise ImageError(f"{name} {_identify(source.read(1024))}.") from error
    except Exception as error:  # damaged files make Pillow raise nearly anything
        raise ImageError(f"{name} is damaged or incomplete ({error}); save or download it again.") from error


def _identify(head):
    """Say what a file is instead of an image, and the next step."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        return "is empty (0 bytes); save or download it again"
    if text.startswith((b"<!doctype html", b"<html")) or b"<head" in text:
        return "is a web page (HTML); open the address in a browser and save the image itself"
    if b"<svg" in text:
        return "is an SVG drawing; export it as PNG"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1"):
        advice = "or let the iPhone take JPEG: Settings, Camera, Formats, Most Compatible"
        return f"is a HEIC photo, as iPhones make them; export it as JPEG, {advice}"
    if head[4:12] in (b"ftypavif", b"ftypavis"):
        return "is an AVIF picture; export it as JPEG, or run `pip install -U pillow`, which then reads it"
    return "is not an image that can be read; export it as PNG or JPEG, or download it again"


def _to_array(image):
    if image.mode.startswith("I"):  # 16-bit gray; "I" is how some 16-bit files are opened
        return np.asarray(image).clip(0, 65535).astype(np.uint16)
    if image.mode == "F":
        return np.asarray(image)
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))
