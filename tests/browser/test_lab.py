"""What a learner does in JupyterLab, done by a browser: run all, move a control, stop a run."""

import contextlib
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent.parent / "notebooks"
FIGURES = "() => [...document.querySelectorAll('.jp-OutputArea-output img')].map(i => i.naturalWidth)"
SECOND = 1000  # milliseconds; looking more often would take the kernel's processor time
PROMPTS = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')]
  .map(cell => cell.querySelector('.jp-InputPrompt').textContent)"""
# what the pictures of a cell show, whatever their addresses are
PIXELS = """cell => [...cell.querySelectorAll('img, canvas')].map(picture => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [96, 96];
  canvas.getContext('2d').drawImage(picture, 0, 0, 96, 96);
  return canvas.toDataURL();
}).join()"""

# what has a scroll bar
SCROLLED = """output => [output, ...output.querySelectorAll('*')].filter(element =>
  /auto|scroll/.test(getComputedStyle(element).overflow)
  && (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight)
).map(element => element.className)"""
# where a picture that is black to the left turns bright
SEAM = """picture => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0);
  const row = context.getImageData(0, canvas.height - 20, canvas.width, 1).data;
  const black = [...row.keys()].filter(i => i % 4 === 0 && row[i] < 100).map(i => i / 4);
  return black.length ? black.pop() + 1 : 7;
}"""


def read(name):
    """A notebook of the course without its outputs, so that what is seen was made now."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("jupyter", None)  # solutions unfolded: a hidden cell shows no number
    return notebook


@contextlib.contextmanager
def opened(chromium, lab, screenshot, notebook, name, width=1400, height=1000):
    """The page of a notebook in JupyterLab, its kernel ready; of the one that was saved, if it is None."""
    if notebook:
        nbformat.write(notebook, lab.folder / name)
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    try:
        page.goto(lab.address(name))
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60 * SECOND)
        lab.wait_for_kernel()
        page.locator(".jp-Toolbar-kernelName", has_text="Python").first.wait_for()
        yield page
    except Exception:
        screenshot(page, f"failed_{name}")
        raise
    finally:
        context.close()
        lab.stop_kernels()


def choose(page, menu, entry):
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}")).first.click()


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run_all(page, timeout=240):
    choose(page, "Run", "Run All Cells")
    wait_until_run(page, timeout)


def wait_until_run(page, timeout):
    """Wait until each code cell has its number."""
    done = f"({PROMPTS})().every(prompt => /\\[\\d+\\]/.test(prompt))"
    page.wait_for_function(done, timeout=timeout * SECOND, polling=SECOND)


def troubles(page):
    kinds = [f'[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("error", "stderr")]
    return page.locator(", ".join(kinds)).all_inner_texts()


def test_start_here_runs_from_top_to_bottom(chromium, lab, screenshot):
    notebook = read("00_start_here.ipynb")
    committed = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", as_version=4)
    expected = sum("image/jpeg" in o.get("data", {}) for c in code_cells(committed) for o in c.outputs)
    with opened(chromium, lab, screenshot, notebook, "00_start_here.ipynb") as page:
        run_all(page)
        page.wait_for_function(f"({FIGURES})().length >= {expected}", polling=SECOND)
        page.locator(".jp-OutputArea-output img").nth(1).scroll_into_view_if_needed()
        screenshot(page, "lab_00")
        assert troubles(page) == []
        assert all(page.evaluate(FIGURES))
        assert page.locator("mjx-container, .MathJax").count() > 0


def test_the_layer_slider_changes_the_picture(chromium, lab, screenshot):
    notebook = read("01_intermediate_layers.ipynb")
    places = [i for i, cell in enumerate(notebook.cells) if "layer_browser" in cell.source]
    places = [i for i in places if notebook.cells[i].cell_type == "code"]
    if not places:
        pytest.skip("notebook 01 has no nst.widgets.layer_browser yet")
    notebook.cells = notebook.cells[: places[0] + 1]
    with opened(chromium, lab, screenshot, notebook, "01_slider.ipynb") as page:
        run_all(page)
        cell = page.locator(".jp-CodeCell").last
        named = cell.locator(".widget-hslider", has_text=re.compile("layer|channel", re.IGNORECASE)).first
        slider = named.locator(".noUi-handle")
        slider.wait_for()
        slider.scroll_into_view_if_needed()
        page.wait_for_function(f"cell => ({PIXELS})(cell) !== ''", arg=cell.element_handle())
        screenshot(page, "lab_01_before")
        before = cell.evaluate(PIXELS)
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        changed = f"([cell, before]) => ({PIXELS})(cell) !== before"
        both = [cell.element_handle(), before]
        page.wait_for_function(changed, arg=both, timeout=30 * SECOND, polling=SECOND)
        page.wait_for_timeout(500)
        screenshot(page, "lab_01_after")
        assert troubles(page) == []


def widgets(*cells):
    """A notebook of small pictures, and cells that show widgets of them."""
    first = """import nst_utils as nst
photo, painting = nst.photo("astronaut", 64), nst.painting("swirls", 64)"""
    metadata = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", as_version=4).metadata
    cells = [nbformat.v4.new_code_cell(source) for source in (first, *cells)]
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def test_each_widget_is_seen_as_a_whole_in_a_small_window(chromium, lab, screenshot):
    notebook = widgets(
        "nst.widgets.before_after(photo, painting)",
        "nst.widgets.layer_browser(photo)",
        """explorer = nst.widgets.gram_explorer(painting, photo)
explorer.controls["share"].value, explorer.controls["crop"].value = 0.95, "to 3/4"  # a long title
explorer""",
        "nst.widgets.loss_mixer(photo, painting, size=32)",
        """paintings = {name: nst.painting(name, 64) for name in ("swirls", "mosaic", "ink")}
nst.widgets.style_mixer(photo, paintings)""",
        "nst.widgets.region_painter(photo, paintings, size=64)",
    )
    with opened(chromium, lab, screenshot, notebook, "widgets.ipynb", 1280, 720) as page:
        run_all(page)
        assert troubles(page) == []
        outputs = page.locator(".jp-OutputArea-output:has(.widget-box)")
        outputs.nth(5).locator("img").wait_for()
        page.wait_for_timeout(SECOND)
        for number, output in enumerate(outputs.all()):
            output.scroll_into_view_if_needed()
            screenshot(page, f"lab_widget_{number}")
            assert output.evaluate(SCROLLED) == [], number
            assert output.bounding_box()["height"] < 560, number


def test_the_handle_stands_under_the_seam(chromium, lab, screenshot):
    notebook = widgets(
        "import numpy as np",
        "nst.widgets.before_after(np.zeros((64, 96, 3), 'f'), np.zeros((64, 96, 3), 'f') + 0.9)",
    )
    with opened(chromium, lab, screenshot, notebook, "seam.ipynb", 1280, 720) as page:
        run_all(page)
        handle, picture = page.locator(".noUi-handle"), page.locator(".widget-image")
        for key in ("Home", "PageUp", "End"):
            handle.press(key)
            page.wait_for_timeout(SECOND)
            box = handle.bounding_box()
            seam = picture.bounding_box()["x"] + picture.evaluate(SEAM)
            assert abs(box["x"] + box["width"] / 2 - seam) < 3, key


def test_a_widget_leaves_its_picture_when_its_kernel_has_stopped(chromium, lab, screenshot):
    name, notebook = "reopened.ipynb", widgets("nst.widgets.before_after(photo, painting)")
    with opened(chromium, lab, screenshot, notebook, name) as page:
        run_all(page)
        page.locator(".widget-image").wait_for()
        assert page.locator(".jp-OutputArea-output img:visible").count() == 1
        page.keyboard.press("Control+s")
        page.locator(".jp-mod-dirty").wait_for(state="detached")
    with opened(chromium, lab, screenshot, None, name) as page:
        page.locator(".jp-OutputArea-output img").wait_for()
        page.wait_for_timeout(3 * SECOND)
        screenshot(page, "lab_reopened")
        assert all(page.evaluate(FIGURES))
        assert page.locator(".jp-OutputArea-output img:visible").count() == 1
        assert "model not found" not in page.locator(".jp-Notebook").inner_text()


def test_a_stopped_run_shows_its_picture(chromium, lab, screenshot):
    notebook = read("04_optimization_loop.ipynb")
    last = next(i for i, cell in enumerate(notebook.cells) if "photo, painting = " in cell.source)
    notebook.cells = notebook.cells[: last + 1] + [
        nbformat.v4.new_code_cell(source)
        for source in (
            "run = nst.stylize(photo, painting, steps=5000, callback=nst.LiveView(), every=2)",
            "nst.plots.show_pictures([run.picture, photo], [f'stopped: {run.interrupted}', 'photo'])",
            "print('moved away from the photo:', bool(abs(run.picture - photo).mean() > 0.01))",
        )
    ]
    with opened(chromium, lab, screenshot, notebook, "04_stopped.ipynb") as page:
        choose(page, "Run", "Run All Cells")
        running = page.locator(".jp-CodeCell").nth(-3)
        running.locator(".jp-OutputArea-output img").wait_for(timeout=120 * SECOND)  # the live view
        page.wait_for_timeout(3000)
        running.scroll_into_view_if_needed()
        screenshot(page, "lab_04_running")
        page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
        wait_until_run(page, 60)
        cells = page.locator(".jp-CodeCell")
        cells.nth(-2).locator("img").wait_for()
        cells.nth(-1).scroll_into_view_if_needed()
        screenshot(page, "lab_04_stopped")
        assert troubles(page) == []
        assert all(page.evaluate(FIGURES))
        assert "moved away from the photo: True" in cells.nth(-1).inner_text()
