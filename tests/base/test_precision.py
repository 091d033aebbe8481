"""bfloat16 is chosen where the hardware has it, and changes the result only a little."""

import numpy as np
import pytest

from nst_utils import FeatureExtractor, losses, stylize
from nst_utils.base import hardware, tensorflow
from nst_utils.base.tensorflow import tf


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu sse avx512_bf16", "bfloat16"),
        ("fpu amx_bf16", "bfloat16"),
        ("fpu avx2", "float32"),
        (None, "float32"),
    ],
)
def test_chosen_by_the_processors_flags_where_they_are_known(tmp_path, monkeypatch, flags, expected):
    if flags:
        (tmp_path / "cpuinfo").write_text(f"model name\t: some processor\nflags\t\t: {flags}\n")
    monkeypatch.setattr(hardware, "_CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert hardware.fastest_precision() == expected


@pytest.mark.parametrize(("capability", "expected"), [((7, 5), "float32"), ((8, 0), "bfloat16")])
def test_a_t4_has_no_bfloat16_and_an_a100_has(monkeypatch, capability, expected):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["gpu"])
    details = {"compute_capability": capability}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    assert hardware.fastest_precision() == expected


def test_two_kernels_share_a_gpu_and_float32_is_float32_on_it(monkeypatch):
    asked = []

    def set_memory_growth(gpu, enable):
        asked.append((gpu, enable))
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["first", "second"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", set_memory_growth)
    tensorflow._share_gpus()
    assert asked == [("first", True), ("second", True)]
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.fixture(scope="module")
def coarse_extractor():
    return FeatureExtractor(losses.CONTENT_LAYERS + losses.STYLE_LAYERS, precision="bfloat16")


def test_features_differ_by_a_few_percent_at_most(extractor, coarse_extractor, photo):
    coarse = coarse_extractor(photo)
    for layer, exact in extractor(photo).items():
        assert (coarse[layer].dtype, exact.dtype) == ("bfloat16", "float32")
        error = np.linalg.norm(tf.cast(coarse[layer], "float32") - exact) / np.linalg.norm(exact)
        assert 1e-5 < error < 0.03, layer


@pytest.mark.slow
def test_a_whole_run_reaches_the_same_loss(extractor, coarse_extractor, photo, painting):
    exact = stylize(photo, painting, steps=20, extractor=extractor)
    coarse = stylize(photo, painting, steps=20, extractor=coarse_extractor)
    loss = losses.StyleTransferLoss(extractor, photo, painting)
    assert float(loss(coarse.picture).total) == pytest.approx(float(loss(exact.picture).total), rel=0.05)
