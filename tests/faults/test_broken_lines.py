"""The tests see a broken line: each of these central lines is broken on purpose, and a test must fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


class Break(NamedTuple):
    """A line of the package, what it is broken into, and the test file that must notice."""

    idea: str
    module: str
    line: str
    broken: str
    noticed_by: str


BREAKS = (
    Break("division of the Gram matrix", "gram.py",
          "transpose_a=True) / positions, gradient", "transpose_a=True), gradient", "test_gram.py"),
    Break("gradient of the Gram matrix", "gram.py",
          "(upstream + tf.linalg.matrix_transpose(upstream)) / positions",
          "(upstream + tf.linalg.matrix_transpose(upstream)) / (2 * positions)", "test_gram.py"),
    Break("channel order", "features.py", "pictures[..., ::-1] * 255.0", "pictures * 255.0",
          "test_features.py"),
    Break("subtraction of the mean", "features.py", " - tf.constant(IMAGENET_MEAN_BGR, pictures.dtype)", "",
          "test_features.py"),
    Break("scale of 255", "features.py", "::-1] * 255.0", "::-1] * 256.0", "test_features.py"),
    Break("normalization of the losses", "losses.py", " / tf.maximum(energy, 1e-12)", "", "test_losses.py"),
    Break("mean over style layers", "losses.py", "tf.add_n(list(style.values())) / len(style)",
          "tf.add_n(list(style.values()))", "test_losses.py"),
    Break("weight of a term", "losses.py", "self.weights[name] * term", "term", "test_losses.py"),
    Break("vertical neighbors", "losses.py", "picture[:, 1:] - picture[:, :-1]\n",
          "picture[:, 2:] - picture[:, :-2]\n", "test_losses.py"),
    Break("clip after a step", "descent.py",
          "tf.clip_by_value(from_opponent(self.opponent), 0.0, 1.0)", "from_opponent(self.opponent)",
          "test_loop.py::test_pixels_stay_in_range"),
    Break("best picture, not the last", "descent.py", "if numbers[0] < self._lowest:", "if True:",
          "test_loop.py::test_the_best_picture_is_kept_not_the_last"),
    Break("chain rule of the colors", "opponent.py", "AXES, transpose_b=True)", "AXES)", "test_opponent.py"),
    Break("bounds of L-BFGS", "lbfgs.py",
          "tf.clip_by_value(self.image + self._length * direction, 0.0, 1.0)",
          "self.image + self._length * direction", "test_lbfgs.py"),
    Break("curvature of L-BFGS", "lbfgs.py", "change = tried - self.image, gradient - self._gradient",
          "change = tried - self.image, gradient", "test_lbfgs.py"),
    Break("instance normalization", "magenta.py", "tf.math.rsqrt(variance + EPSILON)",
          "tf.math.reciprocal(variance + EPSILON)", "test_magenta.py"),
    Break("crop to the content's size", "fast.py", "result[:, :height, :width], 0, 1)", "result, 0, 1)",
          "test_fast.py::test_the_result_has_exactly_the_size_of_the_content"),
    Break("rounding to 8 bits", "pictures/arrays.py", "np.rint(np.clip(picture, 0, 1) * 255)",
          "(np.clip(picture, 0, 1) * 255)", "pictures/test_arrays.py"),
    Break("clip before 8 bits", "pictures/arrays.py", "np.rint(np.clip(picture, 0, 1) * 255)",
          "np.rint(picture * 255)", "pictures/test_arrays.py"),
    Break("photos of a turned camera", "pictures/files.py", "_to_array(ImageOps.exif_transpose(image))",
          "_to_array(image)", "pictures/test_files.py"),
    Break("hash of a fetched file", "models/fetching.py", "if not self.is_intact(staging / self.name):",
          "if False:", "models/test_vgg_weights.py"),
    Break("hash of a cached file", "models/fetching.py",
          "_digest(path, len(self.digest), status.st_mtime_ns, status.st_size) == self.digest", "True",
          "models/test_vgg_weights.py"),
    Break("allowed names in a weight stream", "models/torch_stream.py", "if (module, name) not in _ALLOWED:",
          "if True:\n            return super().find_class(module, name)\n        if False:",
          "models/test_torch_stream.py"),
    Break("order of the kernel's axes", "models/vgg_weights.py", ".transpose(2, 3, 1, 0)",
          ".transpose(3, 2, 1, 0)", "models/test_vgg_weights.py::test_kernels_are_height_width_in_out"),
    Break("https alone", "base/download.py", "return is_secure and bool(parts.hostname)",
          "return True", "base/test_download.py"),
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of package and tests, whose tests pass as long as nothing is broken."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("nst_utils", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run_tests(folder, names):
    """Run tests until the first failure; returns pytest's exit code and what it printed."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, *(f"tests/{name}" for name in names)],
        cwd=folder,
        # Modules of the copy, not those of the installed course
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return result.returncode, result.stdout


@pytest.mark.slow
def test_nothing_broken_nothing_noticed(copy):
    code, printed = run_tests(copy, dict.fromkeys(item.noticed_by for item in BREAKS))
    assert code == 0, printed


@pytest.mark.slow
@pytest.mark.parametrize("item", BREAKS, ids=[item.idea for item in BREAKS])
def test_a_broken_line_is_noticed(copy, item):
    path = copy / "nst_utils" / item.module
    whole = path.read_text()
    assert whole.count(item.line) == 1, "the line to break is not there (once)"
    path.write_text(whole.replace(item.line, item.broken))
    try:
        code, printed = run_tests(copy, [item.noticed_by])
    finally:
        path.write_text(whole)
    assert code == 1, printed  # 1: tests ran and failed; anything else is no answer
