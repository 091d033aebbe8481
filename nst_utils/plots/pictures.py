"""Pictures: alone, side by side, in a table, channel by channel."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from ..base.types import Picture
from ..pictures.arrays import to_uint8
from .theme import new_figure

SMOOTH = "antialiased"  # shrunk without moiré; enlarged many times, pixels stay visible


def show_pictures(
    pictures: Sequence[Picture],
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    height: float = 3.2,
    suptitle: str | None = None,
) -> Figure:
    """Show pictures in a grid.

    Parameters
    ----------
    pictures : sequence of pictures
        ``(height, width, 3)``, values in [0, 1]; sizes may differ.
    titles : sequence of str, optional
        One per picture.
    columns : int, optional
        By default all in one row.
    height : float, optional
        Height of a row in inches.
    suptitle : str, optional
        Title of the whole figure.
    """
    pictures = list(pictures)
    columns = min(columns or len(pictures), len(pictures))
    rows = -(-len(pictures) // columns)
    widest = max(p.shape[1] / p.shape[0] for p in pictures)
    figure = new_figure(columns * height * min(widest, 1.5), rows * height + 0.35 * bool(suptitle))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for index, (axis, picture) in enumerate(zip(axes, pictures, strict=False)):
        axis.imshow(to_uint8(picture), interpolation=SMOOTH)
        if titles:
            axis.set_title(titles[index])
    if suptitle:
        figure.suptitle(suptitle)
    return figure


def show_groups(groups: dict[str, dict[str, Picture]], columns: int = 2, height: float = 1.25) -> Figure:
    """Show groups of pictures side by side, for instance a few channels of each layer.

    Parameters
    ----------
    groups : dict of str to dict of str to picture
        Name of the group to the name of each picture to the picture; equal numbers, nearly square.
    columns : int, optional
        Of each group.
    height : float, optional
        Height of a row in inches.
    """
    rows = -(-max(map(len, groups.values())) // columns)
    figure = new_figure(len(groups) * (columns * height + 0.1), rows * (height + 0.1) + 0.4)
    parts = figure.subfigures(1, len(groups), squeeze=False, wspace=0.04)[0]
    for part, (name, group) in zip(parts, groups.items(), strict=True):
        part.suptitle(name)
        axes = part.subplots(rows, columns, squeeze=False).ravel()
        for axis, (title, picture) in zip(axes, group.items(), strict=False):
            axis.imshow(to_uint8(picture), interpolation=SMOOTH)
            axis.set_title(title, fontsize=11, pad=3)
        for axis in axes:
            axis.set_axis_off()
    return figure


def contact_sheet(
    rows: Sequence[Sequence[Picture]],
    row_titles: Sequence[str],
    column_titles: Sequence[str],
    height: float = 1.9,
) -> Figure:
    """Show pictures in a labelled table, for instance photos in rows and paintings in columns.

    Parameters
    ----------
    rows : sequence of sequences of pictures
    row_titles, column_titles : sequences of str
    height : float, optional
        Height of a row in inches.
    """
    columns = len(column_titles)
    heights = [row[-1].shape[0] / row[-1].shape[1] for row in rows]
    figure = new_figure(columns * height, height * sum(heights) + 0.4)
    axes = figure.subplots(len(rows), columns, squeeze=False, gridspec_kw={"height_ratios": heights})
    for row, title, line in zip(rows, row_titles, axes, strict=True):
        for picture, axis in zip(row, line, strict=True):
            axis.imshow(to_uint8(picture), interpolation=SMOOTH)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(title)
    for axis, title in zip(axes[0], column_titles, strict=True):
        axis.set_title(title)
    return figure


def plot_channels(picture: Picture, names: Sequence[str] = ("red", "green", "blue")) -> Figure:
    """Show a picture and its three channels, each as brightness.

    Parameters
    ----------
    picture : picture
    names : three str, optional
        Names of the channels, for pictures in another order.
    """
    figure = new_figure(13, 3.6 * picture.shape[0] / picture.shape[1] + 0.3)
    axes = figure.subplots(1, 4)
    axes[0].imshow(to_uint8(picture))
    axes[0].set_title(f"picture {picture.shape}")
    for channel, (axis, name) in enumerate(zip(axes[1:], names, strict=True)):
        axis.imshow(picture[..., channel], cmap="gray", vmin=0, vmax=1)
        axis.set_title(f"[..., {channel}]  {name}")
    for axis in axes:
        axis.set_axis_off()
    return figure
