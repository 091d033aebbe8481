"""Figures drawn straight into arrays, fast enough to follow a slider.

A figure of matplotlib takes some 0.2 s to draw, these take 0.01 s. Every figure and part of one is uint8
``(height, width, 3)``, RGB, on white.
"""

import io
from functools import lru_cache
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from ..pictures.arrays import to_uint8
from ..plots.theme import MAP_COLORS, TERM_COLORS

GAP = 14  # pixels between panels
RIM = GAP // 2  # pixels of white around a figure
FONT_SIZE = 17
LINE = 23  # pixels from one line of text to the next
INK, FAINT = 20, 225  # gray of text, and of an empty field


@lru_cache(maxsize=1)
def _font():
    # The font of the course's other figures: it comes with matplotlib, so every system has it
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", FONT_SIZE)


@lru_cache(maxsize=1)
def _color_table():
    return (mpl.colormaps[MAP_COLORS](np.arange(256))[:, :3] * 255).round().astype(np.uint8)


def _text_size(text):
    """Return width and height of lines of text in pixels."""
    lines = text.split("\n")
    return int(np.ceil(max(_font().getlength(line) for line in lines))), len(lines) * LINE


def _write(pixels, text, left, top):
    """Write lines of text into the pixels, in place."""
    image = Image.fromarray(pixels)
    for number, line in enumerate(text.split("\n")):
        ImageDraw.Draw(image).text((left, top + number * LINE), line, fill=(INK, INK, INK), font=_font())
    pixels[:] = np.asarray(image)


def heat_colors(values, top):
    """Color a map ``(height, width)`` of values from 0 to ``top``, with perceptually uniform colors."""
    return _color_table()[np.clip(values / max(top, 1e-12) * 255, 0, 255).astype(np.uint8)]


def scaled(pixels, height, smooth=True):
    """Scale to a height in pixels, the aspect kept; without smoothing every value is a sharp square.

    Takes pictures as well, and makes them uint8.
    """
    pixels = pixels if pixels.dtype == np.uint8 else to_uint8(pixels)
    width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
    grown = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    method = cv2.INTER_AREA if height < pixels.shape[0] else grown
    return cv2.resize(pixels, (width, height), interpolation=method)


def panel(pixels, title, height, smooth=True, right=""):
    """Draw a picture or a map, scaled to a height in pixels, below its title of one or more lines.

    ``right`` is a title of one line that ends at the right edge.
    """
    picture = scaled(pixels, height, smooth)
    width, lines = _text_size(title)
    canvas = np.full((lines + 4 + height, max(width, picture.shape[1]), 3), 255, np.uint8)
    canvas[lines + 4 :, : picture.shape[1]] = picture
    _write(canvas, title, 0, 0)
    _write(canvas, right, canvas.shape[1] - _text_size(right)[0], 0)
    return canvas


def label(pixels, text, row, column):
    """Write lines of text into the pixels, in place, on white and around a place, but within the pixels."""
    width, height = _text_size(text)
    top = int(np.clip(row - height // 2, 0, max(pixels.shape[0] - height, 0)))
    left = int(np.clip(column - width // 2 - 4, 0, max(pixels.shape[1] - width - 8, 0)))
    pixels[top : top + height, left : left + width + 8] = 255
    _write(pixels, text, left + 4, top)


def centered(pixels, height, width):
    """Center pixels in a light gray field; larger ones stay as they are."""
    down, right = max(height - pixels.shape[0], 0), max(width - pixels.shape[1], 0)
    edges = ((down // 2, down - down // 2), (right // 2, right - right // 2), (0, 0))
    return np.pad(pixels, edges, constant_values=FAINT)


def row(parts):
    """Concatenate parts side by side, aligned at the bottom."""
    tallest = max(part.shape[0] for part in parts)
    raised = [np.pad(p, ((tallest - len(p), 0), (0, GAP), (0, 0)), constant_values=255) for p in parts]
    return np.concatenate(raised, axis=1)[:, :-GAP]


def column(parts):
    """Concatenate parts one below the other, aligned at the left."""
    widest = max(part.shape[1] for part in parts)
    filled = [np.pad(p, ((0, GAP), (0, widest - p.shape[1]), (0, 0)), constant_values=255) for p in parts]
    return np.concatenate(filled)[:-GAP]


def grid(parts, columns):
    """Concatenate parts in rows of so many."""
    return column([row(parts[start : start + columns]) for start in range(0, len(parts), columns)])


def color_bar(top, height):
    """Draw the scale of :func:`heat_colors`, from 0 at the bottom to ``top``."""
    label = f"{top:,.0f}"
    canvas = np.full((height, 30 + _text_size(label)[0], 3), 255, np.uint8)
    canvas[:, :22] = heat_colors(np.linspace(top, 0, height)[:, np.newaxis], top)
    _write(canvas, label, 30, 0)
    _write(canvas, "0", 30, height - LINE)
    return canvas


def bars(values, top, title, width, height):
    """Draw one horizontal bar per name, with its value; values above ``top`` are drawn as ``top``."""
    names, numbers = _text_size("\n".join(values))[0] + 10, 62
    canvas = np.full((LINE + 4 + height, max(width, _text_size(title)[0]), 3), 255, np.uint8)
    _write(canvas, title, 0, 0)
    room, color = width - names - numbers, ImageColor.getrgb(TERM_COLORS["style"])
    for number, (name, value) in enumerate(values.items()):
        above = LINE + 4 + number * height // len(values)
        below = above + height // len(values) - 8
        middle = (above + below) // 2 - LINE // 2
        end = names + round(room * min(value / top, 1))
        canvas[above:below, names : names + room] = FAINT
        canvas[above:below, names:end] = color
        _write(canvas, name, 0, middle)
        _write(canvas, f"{value:.2f}", names + room + 8, middle)
    return canvas


def percents(parts):
    """Return each part's share of a sum by name, in whole percent that add up to 100, or 0."""
    sums = np.cumsum([0, *parts.values()])
    return dict(zip(parts, np.diff(np.rint(100 * sums / (sums[-1] or 1))), strict=True))


def shares(parts, title, width):
    """Draw each term's share of a sum as one stacked bar with a legend; the bar of a sum of 0 is empty.

    ``parts`` is a dict of term to weighted value, ``width`` is in pixels.
    """
    total = sum(parts.values())
    canvas = np.full((2 * LINE + 34, max(width, _text_size(title)[0]), 3), 255, np.uint8)
    canvas[LINE + 4 : LINE + 26, :width] = FAINT
    _write(canvas, title, 0, 0)
    left, place = 0.0, 0
    for name, percent in percents(parts).items():
        share = parts[name] / total if total else 0.0
        color, right = ImageColor.getrgb(TERM_COLORS[name]), left + width * share
        canvas[LINE + 4 : LINE + 26, round(left) : round(right)] = color
        label = f"{name.replace('_', ' ')} {percent:.0f}%"
        canvas[LINE + 36 : LINE + 50, place : place + 14] = color
        _write(canvas, label, place + 20, LINE + 32)
        left, place = right, place + 44 + _text_size(label)[0]
    return canvas


def jpeg(pixels):
    """Encode as JPEG, within a white rim."""
    file = io.BytesIO()
    rim = ((RIM, RIM), (RIM, RIM), (0, 0))
    Image.fromarray(np.pad(pixels, rim, constant_values=255)).save(file, "JPEG", quality=80)
    return file.getvalue()
