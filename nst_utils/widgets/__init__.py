"""Every control of the course: figures that follow a slider.

Each function returns one thing, to be the last value of a cell. In a live notebook it is a picture with
controls. Where there is no front end (the environment variable ``NST_PROGRESS`` is 0, or a page that shows
a saved notebook) a figure stands in its place. Nothing else in the package imports ipywidgets, and only what
versions 7.7 and 8 of it share is used.
"""

from .control import region_painter
from .fast import style_mixer
from .features import layer_browser
from .gram import gram_explorer
from .losses import loss_mixer
from .pictures import before_after

__all__ = ["before_after", "gram_explorer", "layer_browser", "loss_mixer", "region_painter", "style_mixer"]
