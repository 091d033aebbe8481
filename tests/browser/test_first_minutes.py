"""The first five minutes of a learner, from ``make lab`` on, in a browser that has never seen the course."""

import re
import time
from pathlib import Path

from nst_utils.setup.copies import COURSE, make_copies

SECOND = 1000
WRONG = "def from_opencv(array):\n    return array.astype(np.float32) / 255\n\n\n"
RIGHT = WRONG.replace("array.a", "array[..., ::-1].a")
CHECK = "nst.checks.check_from_opencv(from_opencv)"


def cell_with(page, words):
    """The code cell that holds these words, in sight."""
    cell = page.locator(".jp-CodeCell", has_text=words).first
    cell.scroll_into_view_if_needed()
    return cell


def run(page, cell):
    """Select a cell and press Shift+Enter; the next cell is selected then."""
    cell.locator(".jp-InputPrompt").click()
    page.keyboard.press("Shift+Enter")


def wait_for(page, cell, timeout=60):
    """Wait until a cell has its number."""
    done = "cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent)"
    page.wait_for_function(done, arg=cell.element_handle(), timeout=timeout * SECOND, polling=200)


def answer(page, cell, source):
    """Write another source into a cell, run it, and wait for the verdict."""
    number = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    changed = (
        "([cell, number]) => /\\d/.test(cell.querySelector('.jp-InputPrompt').textContent)"
        " && cell.querySelector('.jp-InputPrompt').textContent.trim() !== number.trim()"
    )
    page.wait_for_function(changed, arg=[cell.element_handle(), number], timeout=20 * SECOND)
    return cell.locator(".jp-OutputArea").inner_text()


def test_nothing_is_told_before_it_is_asked_and_nothing_is_lost(chromium, learners_lab, screenshot):
    committed = {path.name: path.read_bytes() for path in COURSE.glob("*.ipynb")}
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(learners_lab.address("00_start_here.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60 * SECOND)
    learners_lab.wait_for_kernel()
    page.wait_for_timeout(5 * SECOND)
    screenshot(page, "first_1_opened")
    assert page.locator(".Toastify__toast").count() == 0  # nobody asks about news
    assert page.locator(".jp-OutputArea-output").count() == 0

    for words in ("nst.start_notebook()", "nst.diagnose()", 'cat = nst.photo("chelsea"'):
        cell = cell_with(page, words)
        run(page, cell)
        wait_for(page, cell, 90)
    cell = cell_with(page, "callback=nst.LiveView()")
    start = time.monotonic()
    run(page, cell)
    cell.locator("img").first.wait_for(timeout=60 * SECOND)
    seconds = time.monotonic() - start
    screenshot(page, "first_2_growing")
    print(f"the first picture after {seconds:.1f} s")
    assert seconds < 20
    wait_for(page, cell)
    cell = cell_with(page, "nst.widgets.before_after")
    run(page, cell)
    slider = cell.get_by_role("slider").first
    slider.wait_for()
    slider.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(SECOND)
    screenshot(page, "first_3_slider")

    exercise, solution = cell_with(page, CHECK), page.locator(".jp-CodeCell", has_text="Solution 1").first
    run(page, exercise)
    wait_for(page, exercise)
    screenshot(page, "first_4_open")
    assert "open" in exercise.locator(".jp-OutputArea").inner_text()
    assert solution.inner_text().strip().startswith("# Solution 1: click to unfold")
    assert "wrong" in answer(page, exercise, WRONG + CHECK)
    screenshot(page, "first_5_wrong")
    page.keyboard.press("Shift+Enter")  # once too often: this runs the solution
    page.wait_for_timeout(2 * SECOND)
    assert re.fullmatch(r"# Solution 1: click to unfold\s*(\[\d+\]:)?", solution.inner_text().strip())
    assert "wrong" in answer(page, exercise, CHECK)  # the learner's function is still the learner's
    assert "correct" in answer(page, exercise, RIGHT + CHECK)
    screenshot(page, "first_6_right")
    solution.locator(".jp-Placeholder").first.click()
    page.wait_for_timeout(SECOND)
    screenshot(page, "first_7_solution_unfolded")
    assert "def from_opencv_solution" in solution.inner_text()

    page.keyboard.press("Control+S")
    page.wait_for_timeout(2 * SECOND)
    learners_lab.stop_kernels()
    page.goto("about:blank")
    page.goto(learners_lab.address("00_start_here.ipynb"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60 * SECOND)
    cell_with(page, "nst.widgets.before_after")
    page.wait_for_timeout(3 * SECOND)
    screenshot(page, "first_8_reopened")
    assert page.get_by_text("model not found").filter(visible=True).count() == 0
    assert page.locator(".jp-OutputArea figure img").first.is_visible()  # the still of the slider
    context.close()

    copy = Path(learners_lab.folder / "00_start_here.ipynb")
    before = copy.read_bytes()
    assert make_copies(learners_lab.folder) == []
    assert copy.read_bytes() == before
    assert {path.name: path.read_bytes() for path in COURSE.glob("*.ipynb")} == committed
