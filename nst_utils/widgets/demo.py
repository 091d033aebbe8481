"""A demo and the figure in its place: one value of a cell that every front end can show."""

import base64
import html
import os
import traceback

import ipywidgets

from .panels import jpeg

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def unattended():
    """Whether the notebook runs without a user: then demos are figures, and no widget is made."""
    return os.environ.get("NST_PROGRESS") == "0"


class Still:
    """A figure in the place of a demo.

    Parameters
    ----------
    figure : numpy.ndarray
        uint8 ``(height, width, 3)``.
    description : str
        What is seen, for front ends that show text alone.
    """

    def __init__(self, figure, description):
        self.figure, self.description = figure, description

    def __repr__(self):
        return f"<{self.description}>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "image/jpeg": base64.b64encode(jpeg(self.figure)).decode()}


class Demo(Still):
    """A picture with controls.

    What a cell shows holds both the controls and a figure: front ends that know widgets take the former,
    GitHub and exported pages the latter.

    Parameters
    ----------
    figure, description
        See :class:`Still`.
    try_this : str
        One sentence, shown above the controls.
    controls : dict of str to ipywidgets.Widget

    Attributes
    ----------
    controls : dict of str to ipywidgets.Widget
        ``demo.controls[name].value = …`` moves a control from code.
    image, status : ipywidgets.Widget
        The picture, and the line below it, which shows errors.
    """

    def __init__(self, figure, description, try_this, controls):
        super().__init__(figure, description)
        self.controls = controls
        # Without align_self the box would stretch the picture to its own width, text and all
        layout = {"max_width": "100%", "align_self": "flex-start"}
        self.image = ipywidgets.Image(value=jpeg(figure), format="jpeg", layout=layout)
        self.status = ipywidgets.HTML()
        hint = ipywidgets.HTML(f"<b>Try:</b> {html.escape(try_this)}")
        panel = ipywidgets.HBox(list(controls.values()), layout={"flex_flow": "row wrap"})
        self.box = ipywidgets.VBox([hint, panel, self.image, self.status])

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        return {WIDGET_VIEW: view, **super()._repr_mimebundle_()}

    def follow(self, draw):
        """Redraw when a control moves: ``draw`` takes the values by name and returns the figure."""

        def redraw(_):
            try:
                self.show(draw(**{name: control.value for name, control in self.controls.items()}))
            except Exception as error:  # Jupyter would write it to a log that nobody looks at
                self.show_error(error)

        for control in self.controls.values():
            control.observe(redraw, "value")

    def show(self, figure):
        """Show a figure, in place of the one before and of an error."""
        self.figure = figure
        self.image.value, self.status.value = jpeg(figure), ""

    def show_error(self, error):
        """Show an error below the picture, with its traceback folded."""
        lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        message = html.escape(f"{type(error).__name__}: {error}")
        self.status.value = (
            f'<b style="color: #b00020">{message}</b>'
            f"<details><summary>Traceback</summary><pre>{html.escape(lines)}</pre></details>"
        )

    def close(self):
        """Close all widgets, as clearing the cell's output would."""
        for widget in (*self.controls.values(), self.image, self.status, *self.box.children, self.box):
            widget.close()


def slider(kind, description, value, **limits):
    """Make a wide slider of a class such as ``ipywidgets.IntSlider``, with its limits or options."""
    style, layout = {"description_width": "8.5em"}, {"width": "32em", "max_width": "98%"}
    return kind(value=value, description=description, style=style, layout=layout, **limits)
