"""What the tests of the plots share."""

import io

from matplotlib.figure import Figure


def drawn(figure):
    """Draw the figure, as saving it would, and return it."""
    assert isinstance(figure, Figure)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=30)
    assert file.tell() > 500
    return figure
