"""Where the faces are in a photo, for a content weight that protects them."""

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

from ..base.types import Picture
from .arrays import check_picture, to_uint8

SMALLEST_FACE = 1 / 12  # of the shorter side; smaller ones are rarely found, and found where there is none
CASCADE_SIDE = 24  # pixels, the smallest face that the detector knows
NEIGHBORS = 12  # detections that must agree; with the default, 4, bears and cats have faces at odd places


def find_faces(photo: Picture) -> NDArray[np.float32]:
    """Find faces that look toward the camera.

    Parameters
    ----------
    photo : picture
        ``(height, width, 3)``, RGB, values in [0, 1].

    Returns
    -------
    numpy.ndarray
        ``(height, width)``, float32: 1 in the middle of a face, 0 outside, with soft ellipses in between;
        all 0 where no face is found. ``content_weight=0.15 * (1 + 4 * find_faces(photo))`` holds faces.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.

    Notes
    -----
    The detector, a cascade of local binary patterns, comes with scikit-image. It misses faces in profile, and
    those smaller than a twelfth of the photo's shorter side.

    Examples
    --------
    >>> from nst_utils import photo
    >>> faces = find_faces(photo("astronaut", 256))
    >>> print(faces.shape, faces[60, 112].round(1), faces[200, 40].round(1))
    (256, 256) 1.0 0.0
    """
    photo = check_picture(photo)
    detector = skimage.feature.Cascade(skimage.data.lbp_frontal_face_cascade_filename())
    shorter = min(photo.shape[:2])
    smallest = max(CASCADE_SIDE, round(SMALLEST_FACE * shorter))
    found = detector.detect_multi_scale(
        to_uint8(photo), scale_factor=1.1, step_ratio=1, min_size=(smallest,) * 2, max_size=(shorter,) * 2,
        min_neighbor_number=NEIGHBORS,
    )  # fmt: skip
    mask = np.zeros(photo.shape[:2], np.float32)
    for box in found:
        middle = box["c"] + box["width"] // 2, box["r"] + box["height"] // 2
        half_axes = round(0.55 * box["width"]), round(0.7 * box["height"])
        cv2.ellipse(mask, middle, half_axes, angle=0, startAngle=0, endAngle=360, color=1.0, thickness=-1)
    blur = max((0.1 * box["width"] for box in found), default=1)
    cv2.GaussianBlur(mask, (0, 0), blur, dst=mask)
    return mask
