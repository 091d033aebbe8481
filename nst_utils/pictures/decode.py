"""Files, web addresses, bytes and PIL images, decoded into arrays.

Pillow decodes, because it knows what OpenCV drops or gets wrong: palettes, transparency, CMYK, GIF.
"""

import difflib
import io
import os
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ..base.arguments import MAX_PIXELS
from ..base.download import read_url

LARGEST_DOWNLOAD = 50_000_000  # bytes
# What cameras, phones and websites make; several photos in one (MPO) count as JPEG, and HEIF takes a plug-in.
# Pillow knows 40 more: decoders that hardly anybody tries, and EPS, for which it runs Ghostscript.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "ICO", "HEIF")
LONGEST_NAME = 300  # characters of a path that a message shows


class ImageError(ValueError):
    """Something is not a usable picture; the message names it and says what to do next."""


def decode_image(source):
    """Decode an image, upright (EXIF) and at its first frame.

    Parameters
    ----------
    source : path, https address, bytes, binary file, PIL image or anything else

    Returns
    -------
    name : str
        What messages call the source.
    array : numpy.ndarray or the source itself
        ``(height, width)`` or ``(height, width, 3 or 4)`` of uint8, uint16 or float; a source that is none
        of the above is returned as it is.

    Raises
    ------
    ImageError
        If there is no image; the message names the source and the next step.
    nst_utils.base.download.DownloadError
        If a web address cannot be read.
    MemoryError
        If the image is too large for the free memory.
    """
    if isinstance(source, Image.Image):
        name = "The PIL image"
        return name, _convert(lambda: source, name)
    if isinstance(source, str) and re.match(r"[a-z][a-z0-9+.-]+://", source, re.IGNORECASE):
        data = read_url(source, max_bytes=LARGEST_DOWNLOAD)
        return source, _decode(io.BytesIO(data), source)
    if isinstance(source, (str, os.PathLike)):
        path = Path(os.path.expanduser(source))
        with _open(path) as file:
            return _shown(path), _decode(file, _shown(path))
    if isinstance(source, (bytes, bytearray, memoryview)):
        name = "The image given as bytes"
        return name, _decode(io.BytesIO(source), name)
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "The file object"))
        data = _read(name, source.read)
        if not isinstance(data, bytes):
            raise ImageError(f'{name} is open as text; use open(path, "rb"), the binary mode.')
        return name, _decode(io.BytesIO(data), name)
    return "The array", source


def _shown(path):
    """Name a path in a message; nobody reads a data: address of a megabyte."""
    return str(path) if len(str(path)) <= LONGEST_NAME else f"{str(path)[:LONGEST_NAME]}…"


def _open(path):
    try:
        return open(path, "rb")
    except FileNotFoundError as error:
        raise ImageError(f"{_shown(path)} does not exist{_near_names(path)}; check the path.") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        if os.path.isdir(path):
            raise ImageError(f"{_shown(path)} is a folder; give the path of an image in it.") from error
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{_shown(path)} cannot be opened ({reason}); check the path.") from error


def _near_names(path):
    """Return `` (did you mean …?)`` with the names in the folder that resemble a missing file's."""
    try:
        names = {entry.name.lower(): entry.name for entry in path.parent.iterdir()}
    except OSError:
        return f", nor does its folder {path.parent}" if not path.parent.is_dir() else ""
    near = difflib.get_close_matches(path.name.lower(), names, n=3)
    return f" (did you mean {' or '.join(names[name] for name in near)}?)" if near else ""


def _read(name, read, *size):
    try:
        return read(*size)
    except OSError as error:  # a failing disk, a lost network drive, a file that is open for writing
        reason = error.strerror or error
        raise ImageError(f"{name} cannot be read ({reason}); check the file, or copy it here.") from error


def _decode(file, name):
    """Decode a seekable binary file."""
    head = _read(name, file.read, 1024)
    file.seek(0)
    if not head:
        raise ImageError(f"{name} is empty (0 bytes); save or download it again.")
    Image.init()  # registers the formats that this Pillow has
    formats = [name for name in FORMATS if name in Image.OPEN]
    return _convert(lambda: Image.open(file, formats=formats), name, head)


def _convert(open_image, name, head=b""):
    """Open an image and turn it into an array; Pillow's many errors become one."""
    try:
        with warnings.catch_warnings():  # what they tell is told by our own limit, and by the error below
            warnings.simplefilter("ignore")
            image = open_image()
            check_pixels(*image.size, name)
            return _from_pil(ImageOps.exif_transpose(image), name)
    except ImageError:
        raise
    except MemoryError as error:
        raise MemoryError(too_little_memory(name)) from error
    except Image.DecompressionBombError as error:
        raise ImageError(_too_many_pixels(name)) from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{name} {_what_it_is(head)}.") from error
    except Exception as error:  # damaged files make Pillow raise nearly anything
        raise ImageError(
            f"{name} is damaged or incomplete ({error}); save or download it again."
        ) from error


def _what_it_is(head):
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")) or b"<head" in text:
        return "is a web page (HTML); open the address in a browser and save the image itself"
    if b"<svg" in text:
        return "is an SVG drawing; export it as PNG"
    if text.startswith(b"%pdf"):
        return "is a PDF document; export its page as PNG"
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "is a HEIC photo, as iPhones make them; export it as JPEG"
    return "is not an image that can be read; export it as PNG or JPEG, or download it again"


def _from_pil(image, name):
    if image.mode.startswith("I"):  # 16-bit gray; "I" is how some 16-bit files are opened
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise ImageError(f"{name} holds 32-bit numbers; export it with 8 or 16 bits.")
        return values.astype(np.uint16)
    if image.mode == "F":
        return np.asarray(image)
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def check_pixels(width, height, name):
    """Refuse what would not fit into memory, before it is decoded."""
    if width * height > MAX_PIXELS:
        raise ImageError(_too_many_pixels(name))


def too_little_memory(name):
    """Say that an image is too large for this computer."""
    return f"{name} does not fit into the free memory; shrink it in an image editor, or close other programs."


def _too_many_pixels(name):
    return f"{name} has more than {MAX_PIXELS // 10**6} megapixels; shrink it in an image editor."
