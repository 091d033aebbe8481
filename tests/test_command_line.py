"""The command line, as a newcomer types it."""

import subprocess
import sys

import pytest

from nst_utils import __main__ as command_line
from nst_utils import environment, load_image


def test_doctor_reports_line_by_line_and_sums_up_in_its_exit_code(capsys, monkeypatch):
    assert command_line.main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("OK    ") for line in lines)
    assert any("VGG19" in line for line in lines)
    finding = environment.Finding(False, "something: do this")
    monkeypatch.setattr(environment, "_check_memory", lambda: finding)
    assert command_line.main(["doctor"]) == 1
    assert "FAIL  something: do this" in capsys.readouterr().out


def test_doctor_sees_two_opencv_packages_old_setuptools_and_a_wrong_tf_keras(monkeypatch):
    installed = {"opencv-python": "4.12", "opencv-python-headless": "5.0", "setuptools": "82.0.1",
                 "tensorflow": "2.21.0", "tf_keras": "2.20.1"}  # fmt: skip
    monkeypatch.setattr(environment, "version", installed.get)
    texts = [finding.text for finding in environment.diagnose() if not finding.good]
    assert any("pip uninstall -y opencv-python opencv-python-headless" in text for text in texts)
    assert any("setuptools<81" in text for text in texts)
    assert any("tf_keras==2.21.*" in text for text in texts)
    assert any("numpy is missing" in text for text in texts)


def test_doctor_says_how_to_fetch_missing_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    finding = environment.diagnose()[-1]
    assert not finding.good
    assert "python -m nst_utils fetch" in finding.text


def test_fetch_names_the_source(capsys):
    assert command_line.main(["fetch"]) == 0
    assert capsys.readouterr().out.startswith("VGG19: ")


def test_samples_lists_name_author_and_license(capsys):
    assert command_line.main(["samples"]) == 0
    out = capsys.readouterr().out
    for part in ("astronaut", "swirls", "NASA", "CC0", "starry-night"):
        assert part in out


def test_stylize_writes_a_picture_of_the_size_asked_for(tmp_path):
    target = tmp_path / "out.png"
    command = [sys.executable, "-m", "nst_utils", "stylize", "chelsea", "mosaic",
               "--size", "64", "--steps", "3", "-o", str(target)]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stderr) == (0, "")
    assert "64 × 43" in result.stdout
    assert load_image(target).shape == (43, 64, 3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["astronot", "swirls", "-o", "out.png"], "did you mean astronaut"),
        (["astronaut", "missing.jpg", "-o", "out.png"], "missing.jpg does not exist"),
        (["astronaut", "swirls", "-o", "out.gif"], ".png"),
        (["astronaut", "swirls", "-o", "nowhere/out.png"], "create it first"),
        (["astronaut", "swirls", "-o", "out.png", "--size", "0"], "size"),
        (["astronaut", "swirls", "-o", "out.png", "--size", "64", "--steps", "0"], "steps is 0"),
        (
            ["astronaut", "swirls", "-o", "out.png", "--size", "64", "--style-weight", "-1"],
            "style_weight is -1",
        ),
    ],
)
def test_a_users_mistake_ends_in_a_sentence_and_no_file(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["stylize", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert sentence in error
    assert list(tmp_path.iterdir()) == []
