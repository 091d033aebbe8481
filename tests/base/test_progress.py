"""Progress bars where they are seen, and where each movement would be one more line of a log."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nst_utils
from nst_utils.base.tensorflow import tf
from nst_utils.film import stylize_film
from nst_utils.loop import minimize
from nst_utils.models.fetching import RemoteFile

ROOT = Path(__file__).resolve().parents[2]
termios = pytest.importorskip("termios")


def errors_of(command, **streams):
    """Run a command whose stderr is a terminal; returns what was written there."""
    terminal, stderr = os.openpty()
    termios.tcsetwinsize(stderr, (25, 80))
    environment = {**os.environ, "NST_PROGRESS": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=stderr, **streams) as process:
        os.close(stderr)
        text = b""
        with contextlib.suppress(OSError):  # Linux ends a terminal so
            while piece := os.read(terminal, 4096):
                text += piece
    os.close(terminal)
    assert process.returncode == 0, text
    return text.decode()


@pytest.mark.slow  # two starts of TensorFlow
def test_a_command_moves_its_bar_on_a_terminal_and_writes_one_line_into_a_pipe(tmp_path):
    command = [sys.executable, "-m", "nst_utils", "stylize", "coffee", "ink", "--size", "48", "--steps", "8",
               "--force", "-o", str(tmp_path / "out.png")]  # fmt: skip
    shown = errors_of(command, stdout=subprocess.DEVNULL)
    assert len(re.findall(r"\r[^\r]*[1-7]/8 ", shown)) >= 2, shown
    environment = {**os.environ, "NST_PROGRESS": "1"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=120)
    line = rb"8 steps in \d+\.\d s, loss \d\.\d{4}" + os.linesep.encode()
    assert re.fullmatch(line, result.stderr), result.stderr
    assert result.stdout.count(b"\n") == 1


def paint_film():
    frames = [nst_utils.photo("coffee", 32)] * 3
    list(stylize_film(frames, lambda frame: frame))


def fail_at_once():
    with pytest.raises(FloatingPointError):
        minimize(lambda picture: tf.reduce_mean(picture) * np.nan, nst_utils.photo("coffee", 32), steps=2)


def fetch_file():
    def transfer(folder, on_progress):
        (folder / "file").write_bytes(b"abc")
        on_progress(1)

    RemoteFile("file", 3, "900150983cd24fb0d6963f7d28e17f72", transfer).fetch()


@pytest.mark.parametrize(
    ("work", "says"),
    [(paint_film, r"3 frames in \d\.\d s"), (fetch_file, r"file: 3\.00B in \d\.\d s"), (fail_at_once, "")],
)
def test_every_bar_ends_in_one_line_where_there_is_no_terminal(work, says, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setenv("NST_PROGRESS", "1")
    work()
    err = capsys.readouterr().err
    assert re.fullmatch(says, err.removesuffix("\n")), err
    monkeypatch.setenv("NST_PROGRESS", "0")
    work()
    assert capsys.readouterr().err == ""
