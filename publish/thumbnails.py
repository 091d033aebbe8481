"""The picture that stands for a notebook: on the title slide, and on the first page of the website."""

from PIL import Image

from .outputs import cut, image_of, jpeg

COVER = 560  # longer side


def cover(notebook):
    """Return the picture of a notebook for its title slide: a JPEG, empty without a figure."""
    part = striking_part(notebook)
    return jpeg(scaled(part, COVER / max(part.size))) if part else b""


def striking_part(notebook):
    """Cut the part that stands for a notebook out of one of its figures.

    The figure is that of the cell whose metadata names a ``thumbnail`` (see :mod:`publish.slides`), else
    the first one as a whole.
    """
    drawn = [cell for cell in notebook.cells if any(map(image_of, cell.get("outputs", [])))]
    if not drawn:
        return None
    chosen = next((cell for cell in drawn if "thumbnail" in cell.metadata.get("slides", {})), drawn[0])
    box = chosen.metadata.get("slides", {}).get("thumbnail", (0, 0, 1, 1))
    return cut(next(filter(image_of, chosen.outputs)), box)


def scaled(picture, factor):
    """Return a picture with its sides multiplied by a factor."""
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)
