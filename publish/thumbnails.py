"""A small picture that stands for a notebook on the contents page."""

from PIL import Image

from .outputs import cut, image_of, jpeg

WIDTH, HEIGHT = 480, 300
COVER = 560  # longer side


def thumbnail(notebook):
    """Return the picture of a notebook for the contents page.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As read: its figures still pictures.

    Returns
    -------
    bytes or None
        A JPEG of fixed size. None when the notebook has no figure.
    """
    part = striking_part(notebook)
    return jpeg(_card(part)) if part else None


def cover(notebook):
    """Return the same picture for the title slide: a JPEG in its own shape, or None."""
    part = striking_part(notebook)
    return jpeg(_scaled(part, COVER / max(part.size))) if part else None


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


def _card(part):
    """Fill the card with a part of nearly its shape; lay others on white."""
    across, down = WIDTH / part.width, HEIGHT / part.height
    fills = 0.9 < part.width / part.height < 2.4
    part = _scaled(part, max(across, down) if fills else min(across, down))
    card = Image.new("RGB", (WIDTH, HEIGHT), "white")
    spare = HEIGHT - part.height  # negative where the part is cut: more below than above, for faces
    card.paste(part, ((WIDTH - part.width) // 2, spare // 5 if spare < 0 else spare // 2))
    return card


def _scaled(picture, factor):
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)
