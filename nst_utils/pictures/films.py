"""Films: their frames read from a file one by one, and written into one."""

import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is wrong with a file is said in a sentence below
import cv2
import numpy as np

from ..base.types import Picture
from .arrays import SMALLEST_SIDE, ImageError, check_picture, from_uint8, resize, to_uint8
from .files import open_file, written_whole

USUAL_RATE = 25.0  # frames a second, where a file does not say
CUT_OFF = 0.95  # a film with fewer of its frames than this share is damaged; some formats count roughly


class Film:
    """The frames of a film file: read one by one, each time that one goes through them.

    Parameters
    ----------
    path : str or path
    size : int, optional
        Longer side of the frames in pixels; by default that of the file. Both sides are made even, as the
        formats of films want it.
    start : int, optional
        Number of the first frame to read.

    Attributes
    ----------
    rate : float
        Frames a second.
    shape : (int, int)
        Height and width of the frames.

    Raises
    ------
    ImageError
        For a file that is no film, is empty, or has frames that change their size.
    """

    def __init__(self, path: str | os.PathLike, size: int | None = None, start: int = 0):
        self.path, self.start = Path(os.path.expanduser(path)), start
        open_file(self.path, str(self.path)).close()
        capture = self._open()
        is_read, pixels = capture.read()
        if not is_read:
            raise ImageError(
                f"{self.path} is not a film that can be read: it is damaged, empty, or of a format that OpenCV"
                " does not know; save it as .mp4 (H.264) with another program, or download it again."
            )
        self._file_shape = pixels.shape
        height, width = pixels.shape[:2]
        scale = 1 if size is None else size / max(height, width)
        self.shape = tuple(2 * max(1, round(scale * side / 2)) for side in (height, width))
        if min(self.shape) < SMALLEST_SIDE:
            raise ImageError(
                f"{self.path} has {self.shape[1]} × {self.shape[0]} pixels at this size; both sides need"
                f" {SMALLEST_SIDE} at least: choose a larger size."
            )
        rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.rate = rate if 0 < rate <= 1000 else USUAL_RATE
        self._count = max(0, int(count)) if np.isfinite(count) else 0

    def _open(self):
        return cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG)  # others take a01.png for a film

    def __len__(self) -> int:
        """Number of frames to read, as the file states it."""
        return max(0, self._count - self.start)

    def __iter__(self) -> Iterator[Picture]:
        """Read the frames as pictures."""
        capture, number = self._open(), 0
        while capture.grab():
            if number >= self.start:
                yield self._picture(capture.retrieve()[1], number)
            number += 1
        if number < CUT_OFF * self._count:
            warnings.warn(
                f"{self.path} ends after {number} of {self._count} frames: it is cut off, or damaged there.",
                stacklevel=2,
            )

    def _picture(self, pixels, number):
        if pixels is None or pixels.shape != self._file_shape:
            raise ImageError(
                f"{self.path} has frames of another size, or damaged, from number {number} on; save it anew"
                " with another program, or cut it there."
            )
        return resize(from_uint8(pixels[..., ::-1]), self.shape)


def save_film(frames: Iterable[Picture], path: str | os.PathLike, rate: float = USUAL_RATE) -> Path:
    """Save pictures as a film, MPEG-4 without sound; return the path.

    The file appears whole or not at all; an existing one is replaced.

    Parameters
    ----------
    frames : iterable of pictures
        Of one size, read one at a time.
    path : str or path
        Ends in ``.mp4``.
    rate : float, optional
        Frames a second.

    Raises
    ------
    ImageError
        For another name, for no frames or frames that differ in size, and when the film cannot be written.
    """
    path = Path(os.path.expanduser(path))
    if path.suffix.lower() != ".mp4":
        raise ImageError(f"{path}: choose a name that ends in .mp4.")
    with written_whole(path, "check the frames, and the space on the disk") as part:
        writer, shape, count = None, None, 0
        try:
            for frame in frames:
                pixels = to_uint8(check_picture(frame, "frame"))[..., ::-1]
                writer = writer or _open_writer(part, rate, pixels.shape)
                shape = shape or pixels.shape
                if pixels.shape != shape:
                    raise ImageError("the frames differ in size")
                writer.write(np.ascontiguousarray(pixels))
                count += 1
        finally:
            if writer:
                writer.release()
        if not count:
            raise ImageError("there are no frames")
        if len(Film(part)) != count:  # OpenCV says nothing when it cannot write
            raise ImageError("it came out incomplete")
    return path


def _open_writer(path, rate, shape):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), rate, shape[1::-1])
    if not writer.isOpened():
        raise ImageError("OpenCV has no codec for MPEG-4 here, or the folder cannot be written")
    return writer
