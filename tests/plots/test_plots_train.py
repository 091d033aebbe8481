"""The drawing of a painter shows every layer at its size."""

import numpy as np
from figures import drawn

from nst_utils import plots

PICTURE = np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)


def test_a_painter_has_a_bar_for_each_layer_and_an_arc_for_each_residual_block():
    layers = [(32, 4, -1), (16, 8, -1), *[(16, 8, 0)] * 4, (32, 4, 1)]
    axis = drawn(plots.plot_painter(PICTURE, PICTURE, layers)).axes[0]
    bars = [patch for patch in axis.patches if hasattr(patch, "get_height")]
    np.testing.assert_allclose([bar.get_height() / 4 * 32 for bar in bars], [side for side, *_ in layers])
    assert len(axis.patches) - len(bars) == 2
    assert {"shrink", "repaint", "enlarge", "16 px\n8"} <= {text.get_text() for text in axis.texts}
