"""Checks of the exercises: each says what is right, what is wrong, and what usually causes it."""

from .control import check_masked_gram, check_mixed_target, check_strokes, check_warp
from .fast import check_adain, check_mix_styles, check_style_input
from .features import (
    check_preprocess,
    check_receptive_field,
    check_silent_share,
    check_torchvision_index,
)
from .gram import (
    check_break_pairs,
    check_gram_channels_first,
    check_mmd_with_means,
    check_relative_distance,
)
from .loop import check_adam_update, check_cosine_rate, check_momentum
from .losses import (
    check_relative_content_loss,
    check_style_of_layers,
    check_total_variation,
    check_weighted_total,
)
from .pictures import check_brighten, check_from_opencv
from .statistics import check_nearest, check_sliced, check_transport
from .train import check_instance_norm, check_painter_field, check_reflect_pad, check_style_of_batch
from .verdict import Verdict

__all__ = [
    "Verdict", "check_adain", "check_adam_update", "check_break_pairs", "check_brighten",
    "check_cosine_rate", "check_from_opencv", "check_gram_channels_first", "check_instance_norm",
    "check_masked_gram", "check_mix_styles", "check_mixed_target", "check_mmd_with_means",
    "check_momentum", "check_nearest", "check_painter_field", "check_preprocess", "check_receptive_field",
    "check_reflect_pad", "check_relative_content_loss", "check_relative_distance", "check_silent_share",
    "check_sliced", "check_strokes", "check_style_input", "check_style_of_batch", "check_style_of_layers",
    "check_torchvision_index", "check_total_variation", "check_transport", "check_warp",
    "check_weighted_total",
]  # fmt: skip
