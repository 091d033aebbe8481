"""Films: their frames read from a file one by one, and written into one."""

import contextlib
import hashlib
import itertools
import json
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is wrong with a file is said in a sentence below
import cv2
import numpy as np

from ..base.types import Picture
from .arrays import SMALLEST_SIDE, ImageError, check_picture, from_uint8, resize, to_uint8
from .files import load_image, open_file, save_image, written_whole

USUAL_RATE = 25.0  # frames a second, where a file does not say
CUT_OFF = 0.95  # a film with fewer of its frames than this share is damaged; some formats count roughly


class Film:
    """The frames of a film file: read one by one, each time that one goes through them.

    ``len(film)`` is the number of frames to read, as the file states it.

    Parameters
    ----------
    path : str or path
        A film that OpenCV can read, such as ``.mp4`` (H.264).
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
    nst_utils.ImageError
        For a file that is no film, is empty, or has frames that change their size.

    See Also
    --------
    nst_utils.stylize_film : Paints the frames.
    nst_utils.sample_film : Frames to try things on.

    Examples
    --------
    >>> import tempfile
    >>> from nst_utils import photo
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     film = Film(save_film([photo("coffee", 48)] * 3, f"{folder}/film.mp4"))
    ...     print(len(film), film.rate, film.shape, [frame.shape for frame in film][-1])
    3 25.0 (32, 48) (32, 48, 3)
    """

    def __init__(self, path: str | os.PathLike, size: int | None = None, start: int = 0):
        self.path, self.start = Path(os.path.expanduser(path)), start
        open_file(self.path, str(self.path)).close()
        capture = self._open()
        is_read, pixels = capture.read()
        if not is_read:
            raise ImageError(
                f"{self.path} is not a film that can be read: it is damaged, empty, or of a format that"
                " OpenCV does not know; save it as .mp4 (H.264) with another program, or download it again."
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
        with _without_words():  # the other readers of OpenCV would take a01.png for a film
            return cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG)

    def __len__(self) -> int:
        """Return the number of frames to read, as the file states it."""
        return max(0, self._count - self.start)

    def digest(self) -> str:
        """Sha256 of the file, 64 letters and digits: another one means another film."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

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


class KeptFrames(Sequence):
    """Painted frames in a folder, one PNG each, until the film is complete.

    A film file that is not written to its end cannot be read, nor gone on with: its index comes last.
    Pictures can, whatever ended the program.

    Parameters
    ----------
    folder : Path
        Made with the first frame. A note in it says what the frames are made of.
    made_of : dict
        Frames that are made of something else are not gone on with.
    force : bool, optional
        Delete these, rather than refuse them.

    Raises
    ------
    ImageError
        For a folder of something else.
    """

    def __init__(self, folder: Path, made_of: dict, force: bool = False):
        self.folder, self._note = folder, folder / "made_of.json"
        self._made_of = json.dumps(made_of, sort_keys=True)
        if folder.exists() and not (self._note.exists() and self._note.read_text() == self._made_of):
            if not (force and self._note.exists()):  # without the note the folder is somebody else's
                raise ImageError(
                    f"{folder} holds something else than the frames of this film in this style and size; move"
                    " it away, or choose another name for the film."
                )
            self.delete()
        self._count = next(n for n in itertools.count() if not self._path(n).exists())

    def _path(self, number):
        return self.folder / f"{number:06}.png"

    def __len__(self) -> int:
        """Return the number of frames so far."""
        return self._count

    def __getitem__(self, number):
        """Load a frame; from the end with a number below 0."""
        if not -self._count <= number < self._count:
            raise IndexError(number)
        return load_image(self._path(number % self._count))

    def append(self, picture: Picture):
        """Save the next frame; with the first one, make the folder."""
        try:
            self.folder.mkdir(exist_ok=True)
            self._note.write_text(self._made_of)
        except OSError as error:
            raise ImageError(
                f"{self.folder} cannot be written ({error.strerror}); choose another folder."
            ) from error
        save_image(picture, self._path(self._count))
        self._count += 1

    def delete(self):
        """Delete the frames, and the folder if nothing else is in it."""
        for path in self.folder.glob("[0-9]" * 6 + ".png"):
            path.unlink()
        self._note.unlink()
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def save_film(frames: Iterable[Picture], path: str | os.PathLike, rate: float = USUAL_RATE) -> Path:
    """Save pictures as a film, MPEG-4 without sound.

    The file appears whole or not at all; an existing one is replaced.

    Parameters
    ----------
    frames : iterable of pictures
        ``(height, width, 3)``, RGB, values in [0, 1], of one size; read one at a time.
    path : str or path
        Ends in ``.mp4``.
    rate : float, optional
        Frames a second.

    Returns
    -------
    pathlib.Path
        The path of the file.

    Raises
    ------
    nst_utils.ImageError
        For another name, for no frames or frames that differ in size, and when the film cannot be written.

    See Also
    --------
    nst_utils.Film : Reads the frames of a film.

    Examples
    --------
    >>> import tempfile
    >>> from nst_utils import photo
    >>> frames = [np.roll(photo("coffee", 48), n, axis=1) for n in range(3)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(len(Film(save_film(frames, f"{folder}/pan.mp4", rate=10))))
    3
    """
    path = Path(os.path.expanduser(path))
    if path.suffix.lower() != ".mp4":
        raise ImageError(f"{path}: choose a name that ends in .mp4.")
    with written_whole(path, "choose another folder") as part:
        writer, shape, count = None, None, 0
        try:
            for frame in frames:
                pixels = to_uint8(check_picture(frame, "frame"))[..., ::-1]
                writer = writer or _open_writer(part, rate, pixels.shape)
                shape = shape or pixels.shape
                if pixels.shape != shape:
                    raise ImageError("The frames differ in size; give frames of one size.")
                writer.write(np.ascontiguousarray(pixels))
                count += 1
        finally:
            if writer:
                writer.release()
        if not count:
            raise ImageError(f"There are no frames for {path}; give one at least.")
        if len(Film(part)) != count:  # OpenCV says nothing when it cannot write
            raise ImageError(f"{path} came out incomplete; check the space on the disk.")
    return path


def _open_writer(path, rate, shape):
    with _without_words():
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), rate, shape[1::-1])
    if not writer.isOpened():
        raise ImageError(
            f"{path.parent} cannot be written, or OpenCV has no codec for MPEG-4 here; choose another folder,"
            " or run `pip install --force-reinstall opencv-python-headless`."
        )
    return writer


@contextlib.contextmanager
def _without_words():
    """Keep OpenCV from printing what is wrong with a file, which a sentence says."""
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
