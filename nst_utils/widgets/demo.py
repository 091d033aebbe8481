"""A demo and the figure in its place: one value of a cell that every front end can show."""

import base64
import html
import os
import traceback

import ipywidgets
from IPython.display import display, update_display

from .background import Background
from .panels import jpeg

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Living controls carry a style that hides the still before them. When they have gone with their kernel,
# JupyterLab says "model not found" in their place; a style that the still carries hides that.
HIDE_STILL = "<style>.{0}, .jp-OutputArea-child:has(> * > .{0}) {{display: none}}</style>"
STILL = """<style>
.jp-OutputArea-child:has(> * > .{name}) + .jp-OutputArea-child:not(:has(.widget-box)) {{display: none}}
</style>
<figure class="{name}" style="margin: 0">
<img src="data:image/jpeg;base64,{jpeg}" alt="{description}">
<figcaption>To move its controls: Run ▸ Run All Above Selected Cell, then run this cell.</figcaption>
</figure>"""


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

    A cell shows two outputs: a still, and the controls, which hide it while their kernel lives. A notebook
    that is opened again and an exported page show the still.

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
        The picture, and the line below the controls, which shows errors.
    panel : ipywidgets.Widget
        The column of controls, to the left of the picture; above it where there is no room.
    """

    def __init__(self, figure, description, try_this, controls):
        super().__init__(figure, description)
        self.controls = controls
        # Without align_self a column would stretch the picture to its own width, text and all
        layout = {"max_width": "100%", "align_self": "flex-start"}
        self.image = ipywidgets.Image(value=jpeg(figure), format="jpeg", layout=layout)
        self.status = ipywidgets.HTML()
        hint = f'<div style="line-height: 1.4; margin: 0.5em 0"><b>Try:</b> {html.escape(try_this)}</div>'
        self.box = ipywidgets.Box(layout={"flex_flow": "row wrap"})
        self._name = f"nst-still-{self.box.model_id}"
        children = [ipywidgets.HTML(hint + HIDE_STILL.format(self._name)), *controls.values(), self.status]
        self.panel = ipywidgets.VBox(children, layout={"flex": "1 1 22em", "max_width": "34em"})
        self.box.children = [self.panel, self.image]

    def outputs(self):
        """Return the mime bundles of the two outputs that a cell shows: the still and the controls."""
        picture = base64.b64encode(jpeg(self.figure)).decode()
        still = STILL.format(name=self._name, jpeg=picture, description=html.escape(self.description))
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        # Where there are no widgets, the controls are an empty text: the still has said it
        return {"text/plain": repr(self), "text/html": still}, {"text/plain": "", WIDGET_VIEW: view}

    def _ipython_display_(self):
        still, controls = self.outputs()
        display(still, raw=True, display_id=self._name)
        display(controls, raw=True)

    def update_still(self):
        """Make the picture that is seen now the one that is saved."""
        update_display(self.outputs()[0], raw=True, display_id=self._name)

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
        """Show an error below the controls, with its traceback folded."""
        lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        message = html.escape(f"{type(error).__name__}: {error}")
        self.status.value = (
            f'<b style="color: #b00020">{message}</b>'
            '<details><summary>Traceback</summary><pre style="white-space: pre-wrap">'
            f"{html.escape(lines)}</pre></details>"
        )

    def close(self):
        """Close all widgets, as clearing the cell's output would."""
        for widget in (*self.controls.values(), *self.panel.children, *self.box.children, self.box):
            widget.close()


class PaintingDemo(Demo):
    """A demo that paints in the background, step by step: started by a move of a control and by a button.

    A subclass defines ``paint``, a generator that shows one step after the other and yields between them; it
    runs in a thread.
    """

    def __init__(self, figure, description, try_this, controls):
        super().__init__(figure, description, try_this, controls)
        self.button = ipywidgets.Button(description="Paint", button_style="primary")
        self.button.on_click(lambda _: self.stop() if self.background.running else self.start())
        self.panel.children = (*self.panel.children, self.button)
        self.background = Background(self.paint, self._end, self.show_error)
        for control in controls.values():
            control.observe(lambda _: self.start(), "value")

    def start(self):
        """Start anew, with the values of the controls."""
        self.background.start()
        self._label_button()

    def stop(self):
        """Stop after the current step."""
        self.background.stop()
        self._label_button()

    def close(self):
        """Stop, and close all widgets."""
        self.stop()
        super().close()

    def _end(self):
        self._label_button()
        self.update_still()

    def _label_button(self):
        self.button.description = "Stop" if self.background.running else "Paint"

    def show_error(self, error):
        """Show an error from the background."""
        self._label_button()
        super().show_error(error)


def slider(kind, description, value, **limits):
    """Make a control of a class such as ``ipywidgets.IntSlider``, with its limits or options."""
    style = {"description_width": "8em"}
    return kind(value=value, description=description, style=style, layout={"width": "auto"}, **limits)
