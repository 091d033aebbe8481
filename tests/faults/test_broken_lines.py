"""The tests see a broken line: each of these central lines is broken on purpose, and a test must fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
KERAS_FEATURES = "test_features.py::test_features_equal_those_of_keras_vgg19_with_its_own_preprocessing"

# Idea: module, line, what it is broken into, the test that must notice
BREAKS = {
    "division of the Gram matrix": (
        "gram.py", "transpose_a=True) / _positions(vectors)", "transpose_a=True)",
        "test_gram.py::test_equals_the_mean_outer_product"),
    "gradient of the Gram matrix": (
        "gram.py", "(upstream)) / _positions(vectors)", "(upstream)) / (2 * _positions(vectors))",
        "test_gram.py::test_the_gradient_is_that_of_the_definition"),
    "weights of a region's positions": (
        "gram.py", "vectors if weights is None else weights * vectors", "vectors",
        "test_gram.py::test_with_a_mask_it_is_the_weighted_mean_of_the_outer_products"),
    "gradient of a region": (
        "gram.py", "tf.cast(weights[0], vectors.dtype) * product", "product",
        "test_gram.py::test_the_gradient_of_regions_is_that_of_the_definition"),
    "shares of a mixture": (
        "losses.py", "[share * gram[name] for share", "[gram[name] for share",
        "test_losses.py::test_a_mixture_has_the_gradient_of_the_shared_losses"),
    "places that are shared": (
        "pictures/masks.py", "stack / np.maximum(stack.sum(axis=0), 1)", "stack",
        "test_losses.py::test_masks_that_overlap_share_the_place_and_the_rest_is_the_photos"),
    "the photo outside of masks": (
        "losses.py", "picture = tf.where(self._free, picture, self._content)", "pass",
        "test_losses.py::test_masks_that_overlap_share_the_place_and_the_rest_is_the_photos"),
    "masks and shares among the inputs of a run": (
        "loop.py", "*(masks or ()), *(style_masks or ()), np.array(shares))", ")",
        "test_loop.py::test_the_shares_of_an_interrupted_mixture_count_as_its_pictures_do"),
    "what the temporal term trusts": (
        "film.py", "tf.reduce_sum(mask * squares)", "tf.reduce_sum(squares)",
        "test_film.py::test_the_temporal_term_by_hand_and_its_gradient"),
    "the temporal term in the total": (
        "film.py", "total=terms.total + weighted,", "total=terms.total,",
        "test_film.py::test_the_loss_of_a_film_names_its_term_and_the_history_has_it"),
    "the content of each later frame": (
        "film.py", "target.assign(features[name])", "pass",
        "test_film.py::test_the_later_frames_share_one_compiled_step_and_come_out_as_if_each_had_its_own"),
    "the way back in the check of a flow": (
        "pictures/flow.py", "(there + backward) ** 2", "(there - there) ** 2",
        "pictures/test_flow.py::test_a_square_that_moves_hides_and_uncovers_and_is_bordered"),
    "the frame before, moved": (
        "pictures/flow.py", "return warp(painted, backward), ", "return painted, ",
        "pictures/test_flow.py::test_flicker_is_the_mean_change_along_the_flow"),
    "channel order": ("features.py", "pictures[..., ::-1] * 255.0", "pictures * 255.0", KERAS_FEATURES),
    "subtraction of the mean": (
        "features.py", " - tf.constant(IMAGENET_MEAN_BGR, pictures.dtype)", "", KERAS_FEATURES),
    "scale of 255": ("features.py", "::-1] * 255.0", "::-1] * 256.0", KERAS_FEATURES),
    "normalization of the losses": (
        "losses.py", " / tf.maximum(energy, least * values)", "",
        "test_losses.py::test_pixel_loss_is_the_relative_squared_distance"),
    "content counts by detail": (
        "losses.py", "detail = tf.square(energy)", "detail = energy",
        "test_losses.py::test_normalized_content_by_hand"),
    "mirrored edges": (
        "losses.py", "self.extractor(pad_to_stride(picture))", "self.extractor(picture)",
        "test_losses.py::test_the_last_columns_are_pulled_like_the_first"),
    "mean over style layers": (
        "losses.py", "tf.add_n(of_layers) / sum(layer_weights.values())", "tf.add_n(of_layers)",
        "test_losses.py::test_the_weighted_terms_add_up_to_the_total"),
    "weight of a term": (
        "losses.py", "weights[name] * term", "term",
        "test_losses.py::test_the_weighted_terms_add_up_to_the_total"),
    "vertical neighbors": (
        "losses.py", "picture[:, 1:] - picture[:, :-1]\n", "picture[:, 2:] - picture[:, :-2]\n",
        "test_losses.py::test_total_variation_counts_every_pair_of_neighbors_once"),
    "gradient in the margins of tiles": (
        "tiles.py", "max(a - margin, 0), min(b + margin, side)", "a, b",
        "test_tiles.py::test_loss_and_gradient_are_those_of_the_whole_picture_without_seams"),
    "clip after a step": (
        "loop.py", "tf.clip_by_value(from_opponent(self.opponent), 0.0, 1.0)", "from_opponent(self.opponent)",
        "test_loop.py::test_pixels_stay_in_range"),
    "best picture, not the last": (
        "loop.py", "if values[0] < self._lowest:", "if True:",
        "test_loop.py::test_the_best_picture_is_kept_not_the_last"),
    "chain rule of the colors": (
        "pictures/opponent.py", "OPPONENT_AXES, transpose_b=True)", "OPPONENT_AXES)",
        "test_loop.py::test_the_gradient_follows_the_chain_rule"),
    "bounds of L-BFGS": (
        "lbfgs.py", "tf.clip_by_value(self.image + self._length * direction, 0.0, 1.0)",
        "self.image + self._length * direction",
        "test_lbfgs.py::test_pixels_that_want_to_leave_stop_at_the_border_and_the_others_arrive"),
    "curvature of L-BFGS": (
        "lbfgs.py", "gradient - self._gradient, is_accepted)", "gradient, is_accepted)",
        "test_lbfgs.py::test_a_bowl_with_a_thousandfold_range_of_curvatures_is_solved"),
    "noise in the loss of L-BFGS": (
        "lbfgs.py", "self._lowest + LOSS_NOISE * tf.abs(self._lowest)", "self._lowest",
        "test_lbfgs.py::test_noise_in_the_loss_does_not_end_the_descent"),
    "instance normalization": (
        "magenta.py", "tf.math.rsqrt(variance + EPSILON)", "tf.math.reciprocal(variance + EPSILON)",
        "test_magenta.py::test_the_normalization_is_equation_5_of_the_paper"),
    "crop to the content's size": (
        "fast.py", "result[:, :height, :width], 0, 1)", "result, 0, 1)",
        "test_fast.py::test_the_result_has_exactly_the_size_of_the_content"),
    "state of an interrupted training": (
        "train.py", "        state.restore(before.state)\n", "        pass\n",
        "test_train.py::test_a_resumed_training_equals_an_uninterrupted_one"),
    "no move along a gradient that is none": (
        "train.py", 'tf.math.is_finite(values["total"])', "True",
        "test_train.py::test_a_loss_that_is_no_number_leaves_the_painter_before_it"),
    "classes of a painter's file": (
        "painter.py", 'painter = StylePainter(config["channels"], config["residuals"])',
        "painter = keras.saving.load_model(file)",
        "test_train.py::test_no_class_that_a_file_names_is_looked_up"),
    "rounding to 8 bits": (
        "pictures/arrays.py", "np.rint(np.clip(picture, 0, 1) * 255)", "(np.clip(picture, 0, 1) * 255)",
        "pictures/test_arrays.py::test_to_uint8_rounds_and_clips"),
    "clip before 8 bits": (
        "pictures/arrays.py", "np.rint(np.clip(picture, 0, 1) * 255)", "np.rint(picture * 255)",
        "pictures/test_arrays.py::test_to_uint8_rounds_and_clips"),
    "photos of a turned camera": (
        "pictures/files.py", "_to_array(ImageOps.exif_transpose(image))", "_to_array(image)",
        "pictures/test_files.py::test_a_photo_taken_with_a_turned_camera_stands_upright"),
    "hash of a fetched file": (
        "models/fetching.py", "if not self.is_intact(staging / self.name):", "if False:",
        "models/test_vgg_weights.py::test_third_the_package_index"),
    "hash of a cached file": (
        "models/fetching.py",
        "_digest(path, len(self.digest), status.st_mtime_ns, status.st_size) == self.digest", "True",
        "models/test_vgg_weights.py::test_a_damaged_file_is_replaced_in_our_cache_and_left_alone_in_keras"),
    "allowed names in a weight stream": (
        "models/torch_stream.py", "        if (module, name) not in _ALLOWED:\n",
        "        if (module, name) not in _ALLOWED:\n"
        "            return __import__('pydoc').locate(f'{module}.{name}')\n",
        "models/test_torch_stream.py::test_nothing_outside_the_list_is_called"),
    "order of the kernel's axes": (
        "models/vgg_weights.py", ".transpose(2, 3, 1, 0)", ".transpose(3, 2, 1, 0)",
        "models/test_vgg_weights.py::test_kernels_are_height_width_in_out"),
    "https alone": (
        "base/download.py", "return is_secure and bool(parts.hostname)", "return True",
        "base/test_download.py::test_only_https_addresses_are_read"),
}  # fmt: skip


@pytest.fixture(scope="session")
def copy(tmp_path_factory):
    """A copy of package and tests, one for each worker."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("nst_utils", "tests", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run_tests(folder, names):
    """Run tests until the first failure; returns pytest's exit code and what it printed."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, *(f"tests/{name}" for name in names)],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(folder),  # modules of the copy, not those of the installed course
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # a quarter of the time is theirs
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    return result.returncode, result.stdout


@pytest.mark.parametrize("idea", BREAKS)
def test_every_line_to_break_is_there_once(idea):
    module, line, *_ = BREAKS[idea]
    assert (ROOT / "nst_utils" / module).read_text().count(line) == 1


@pytest.mark.slow
def test_nothing_broken_nothing_noticed(copy):
    code, printed = run_tests(copy, {test for *_, test in BREAKS.values()})
    assert code == 0, printed


@pytest.mark.slow
@pytest.mark.parametrize("idea", BREAKS)
def test_a_broken_line_is_noticed(copy, idea):
    module, line, broken, test = BREAKS[idea]
    path = copy / "nst_utils" / module
    whole = path.read_text()
    path.write_text(whole.replace(line, broken))
    try:
        code, printed = run_tests(copy, [test])
    finally:
        path.write_text(whole)
    assert code == 1, printed  # 1: tests ran and failed; any other code proves nothing
