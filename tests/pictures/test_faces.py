"""Faces in photos."""

import numpy as np
import pytest

from nst_utils.pictures.faces import find_faces
from nst_utils.pictures.samples import photo, photo_names


@pytest.mark.parametrize("size", [200, 256, 384, 512])
def test_the_astronauts_face_is_found_and_nothing_else(size):
    faces = find_faces(photo("astronaut", size))
    assert faces.shape == (size, size)
    rows, columns = np.nonzero(faces > 0.5)
    middle = rows.mean() / size, columns.mean() / size
    assert np.allclose(middle, (0.23, 0.44), atol=0.04)
    assert 0.02 < (faces > 0.5).mean() < 0.07


@pytest.mark.parametrize("name", [name for name in photo_names() if name != "astronaut"])
def test_things_and_cats_have_no_face(name):
    assert not find_faces(photo(name, 384)).any()
