"""Painters: they learn, are interrupted and resumed, saved and loaded, and paint pictures of any size."""

import functools
import json
import signal
import zipfile

import numpy as np
import pytest
from plain_words import refused

import nst_utils
from nst_utils import fast, painter, train
from nst_utils.base import interrupts
from nst_utils.base.tensorflow import tf
from nst_utils.pictures.arrays import ImageError

SMALL = {"batch": 2, "size": 32}
STYLE = nst_utils.painting("mosaic", 64)
UNSEEN = nst_utils.photo("china", 64)


@pytest.fixture(autouse=True, scope="module")
def shallow():
    """Few layers and channels: the training is the same, and is compiled in a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "CONTENT_LAYERS", ("block1_conv2",))
        patch.setattr(train, "STYLE_LAYERS", ("block1_conv1", "block1_conv2"))
        patch.setattr(train, "StylePainter", functools.partial(nst_utils.StylePainter, (4, 6, 8), 1))
        yield


@pytest.fixture(scope="module")
def run():
    return train.train_painter(STYLE, steps=4, **SMALL)


@pytest.fixture
def file(run, tmp_path):
    return run.painter.save(tmp_path / "mosaic.keras")


def press_at(step):
    def press(iterate):
        if iterate.step == step:
            signal.raise_signal(signal.SIGINT)

    return press


# ----- Training -----


def test_training_lowers_the_loss_on_a_photo_never_seen():
    extractor = nst_utils.FeatureExtractor((*train.CONTENT_LAYERS, *train.STYLE_LAYERS))
    options = {"content_layers": train.CONTENT_LAYERS, "style_layers": train.STYLE_LAYERS}
    loss = nst_utils.StyleTransferLoss(extractor, UNSEEN, STYLE, **options)
    seen = []
    trained = train.train_painter(STYLE, steps=25, callback=seen.append, every=12, **SMALL).painter
    before, after = (loss(p.paint(UNSEEN)) for p in (nst_utils.StylePainter(), trained))
    assert float(after.raw["style"]) < 0.75 * float(before.raw["style"])
    assert float(after.total) < 0.85 * float(before.total)
    assert [(i.step, i.steps, i.picture.shape) for i in seen] == [(n, 25, (32, 32, 3)) for n in (12, 24)]
    assert seen[0].painter is trained


def test_a_resumed_training_equals_an_uninterrupted_one(run, capsys):
    part = train.train_painter(STYLE, steps=4, callback=press_at(2), every=1, **SMALL)
    assert repr(part).startswith("TrainingRun(2 of 4 steps, loss ")
    assert "the painter so far is kept. nst.resume_training(run, style) goes on" in capsys.readouterr().out
    before = part.painter.paint(UNSEEN)
    resumed = nst_utils.resume_training(part, STYLE)
    assert (resumed.interrupted, resumed.state) == (False, None)
    np.testing.assert_allclose(resumed.history["total"], run.history["total"], rtol=1e-3)
    np.testing.assert_allclose(resumed.painter.paint(UNSEEN), run.painter.paint(UNSEEN), atol=0.02)
    np.testing.assert_array_equal(part.painter.paint(UNSEEN), before)  # what was given is left as it was
    with refused(ValueError, "not the pictures of that run"):
        nst_utils.resume_training(part, STYLE[::-1])
    with refused(ValueError, "start another one with train_painter"):
        nst_utils.resume_training(resumed, STYLE)


@pytest.mark.slow
def test_two_presses_end_the_cell_and_an_error_carries_the_painter(monkeypatch):
    monkeypatch.setattr(interrupts.DelayedKeyboardInterrupt, "_last_end", -np.inf)
    monkeypatch.setattr(interrupts, "PRESS_AGAIN", 1000)
    options = {"steps": 3, "every": 1, **SMALL}
    assert train.train_painter(STYLE, callback=press_at(1), **options).interrupted
    with pytest.raises(KeyboardInterrupt) as caught:
        train.train_painter(STYLE, callback=press_at(1), **options)
    assert "run.painter is the painter so far" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError) as caught:
        train.train_painter(STYLE, callback=lambda _: 1 / 0, **options)
    assert nst_utils.resume_training(caught.value.run, STYLE).history["total"].shape == (3,)


def test_a_loss_that_is_no_number_leaves_the_painter_before_it():
    """What the first step, far too long, made of it."""
    with pytest.raises(FloatingPointError, match="at step 2.* a tenth of the learning rate") as caught:
        train.train_painter(STYLE, steps=3, learning_rate=1e29, **SMALL)
    weights = caught.value.run.painter.get_weights()
    assert all(np.isfinite(values).all() for values in weights)


def test_what_cannot_be_trained_on_is_refused_in_plain_words():
    small = np.zeros((20, 40, 3), np.float32)
    with refused(ValueError, "no photos", "leave them out"):
        train.train_painter(STYLE, [])
    with refused(ImageError, "photo 1 has 40 × 20 pixels", "a crop of 32 × 32", "size=20"):
        train.train_painter(STYLE, [UNSEEN, small], size=32)
    with refused(ValueError, "list of pictures"):
        train.train_painter(STYLE, "photos")
    for name in ("steps", "batch", "size", "seed", "learning_rate", "content_weight"):
        with refused(ValueError, name):
            train.train_painter(STYLE, **{name: -1})


def test_crops_that_do_not_fit_into_memory_are_refused_before_a_step(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    monkeypatch.setattr(train, "free_memory", lambda: 2**28)
    with refused(MemoryError, "100 crops of 128 px"):
        train.train_painter(STYLE, batch=100)


# ----- Painting -----


@pytest.mark.parametrize("size", [(97, 131), (16, 16), (17, 30)])
def test_a_picture_of_any_size_comes_back_in_its_size(run, size):
    content = nst_utils.resize(UNSEEN, size)
    gray = np.repeat(content.mean(axis=2, keepdims=True), 3, axis=2)
    for picture in (content, gray):
        painted = run.painter.paint(picture)
        assert (painted.shape, painted.dtype) == ((*size, 3), np.float32)
        assert 0 <= painted.min() < painted.max() <= 1
    batch = run.painter.paint(np.stack([content, gray]))
    np.testing.assert_allclose(batch[1], painted, atol=1e-5)


def test_what_is_added_for_multiples_of_4_is_cropped_away(run):
    content = UNSEEN[:29, :38]
    reflected = np.pad(content, ((0, 3), (0, 2), (0, 0)), "reflect")
    np.testing.assert_allclose(
        run.painter.paint(content), run.painter.paint(reflected)[:29, :38], atol=1e-5
    )


def test_what_cannot_be_painted_is_refused(run, monkeypatch):
    for content in (UNSEEN[:15], nst_utils.to_uint8(UNSEEN), UNSEEN * np.nan):
        with refused(ImageError):
            run.painter.paint(content)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    monkeypatch.setattr(fast, "free_memory", lambda: painter.BYTES_PER_PIXEL * 1000)
    with refused(MemoryError, "try size=20"):
        run.painter.paint(UNSEEN)


# ----- Files -----


def test_a_painter_saved_and_loaded_paints_the_same_bytes(run, file):
    assert [*file.parent.iterdir()] == [file]
    loaded = nst_utils.load_painter(str(file))
    np.testing.assert_array_equal(loaded.paint(UNSEEN), run.painter.paint(UNSEEN))
    usual = nst_utils.StylePainter(seed=3)
    usual.save(file)
    assert file.stat().st_size < 1.3e6
    np.testing.assert_array_equal(nst_utils.load_painter(file).paint(UNSEEN), usual.paint(UNSEEN))


def changed(file, member, change):
    """Write a painter's file again, with one member changed."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = change(members[member])
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def design(**values):
    def change(data):
        config = json.loads(data)
        config["config"] |= values
        return json.dumps(config)

    return change


TAMPERED = {
    "a wider design than the weights": ("config.json", design(channels=[4, 6, 9])),
    "a design of a billion channels": ("config.json", design(channels=[4, 6, 10**9])),
    "a design of truth values": ("config.json", design(channels=[True, True, True])),
    "text in the place of numbers": ("config.json", design(residuals="3")),
    "no configuration": ("config.json", lambda data: b"[" * 100_000),
    "no weights": ("model.weights.h5", lambda data: b""),
    "half of the weights": ("model.weights.h5", lambda data: data[: len(data) // 2]),
    "far too much": ("model.weights.h5", lambda data: data + bytes(painter.LARGEST_FILE)),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_file_is_refused(file, how):
    changed(file, *TAMPERED[how])
    with refused(ValueError, "is damaged, or no painter"):
        nst_utils.load_painter(file)


def test_weights_that_are_no_numbers_are_refused(file):
    broken = nst_utils.load_painter(file)
    broken.last.bias.assign([np.nan] * 3)
    broken.save(file)
    with refused(ValueError, "is damaged"):
        nst_utils.load_painter(file)


def test_a_file_cut_anywhere_and_another_file_are_refused(file, tmp_path):
    whole = file.read_bytes()
    for end in (0, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:end])
        with refused(ValueError, "is damaged, or no painter"):
            nst_utils.load_painter(file)
    with refused(ValueError, "cannot be opened", "check the path"):
        nst_utils.load_painter(tmp_path / "missing.keras")
    for use in (nst_utils.load_painter, nst_utils.StylePainter().save):
        for path in ("painter.h5", 3):
            with refused(ValueError, "must end in .keras"):
                use(path)
    with refused(ValueError, "cannot be written", "choose another folder"):
        nst_utils.StylePainter().save(tmp_path / "nowhere" / "painter.keras")


def test_no_class_that_a_file_names_is_looked_up(run, file, tmp_path, monkeypatch):
    """Keras would import the module and call the class."""
    (tmp_path / "evil.py").write_text("raise SystemExit('run')")
    monkeypatch.syspath_prepend(tmp_path)

    def rename(data):
        names = {"module": "evil", "class_name": "Evil", "registered_name": "Evil"}
        return json.dumps(json.loads(data) | names)

    changed(file, "config.json", rename)
    np.testing.assert_array_equal(nst_utils.load_painter(file).paint(UNSEEN), run.painter.paint(UNSEEN))
