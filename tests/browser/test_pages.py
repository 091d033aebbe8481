"""The built website and decks, opened from the disk with the network cut."""

import contextlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

BUILD = Path(__file__).resolve().parent.parent.parent / "build"
SITE, SLIDES = BUILD / "site", BUILD / "slides"
NAMES = sorted(path.stem for path in (SITE.parent.parent / "notebooks").glob("*.ipynb"))
TYPESET = "window.MathJax?.startup?.promise?.then(() => true)"
BROKEN = "[...document.images].filter(image => image.complete && !image.naturalWidth).length"
PENDING = "[...document.images].every(image => image.complete)"
# what of the present slide sticks out of it
OUTSIDE = """() => {
  const slide = [...document.querySelectorAll('section.present:not(.stack)')].pop();
  const frame = slide.getBoundingClientRect();
  const shown = [...slide.querySelectorAll('h1, h2, h3, p, li, pre, img, td, mjx-container > svg')]
    .filter(element => !element.closest('aside'));
  return shown.filter(element => {
    const box = element.getBoundingClientRect();
    const clipped = element.tagName === 'PRE' && element.scrollWidth > element.clientWidth + 1;
    return clipped || box.left < frame.left - 2 || box.right > frame.right + 2
      || box.top < frame.top - 2 || box.bottom > frame.bottom + 2;
  }).map(element => element.outerHTML.slice(0, 120));
}"""
SMALL = """() => [...document.querySelectorAll('.slides :is(h1, h2, h3, p, li, td)')]
  .filter(element => !element.closest('aside') && parseFloat(getComputedStyle(element).fontSize) < 28)
  .map(element => element.textContent)"""


@contextlib.contextmanager
def offline(chromium, **options):
    """A page without a network that ends with a check of what it asked for."""
    context = chromium.new_context(offline=True, **options)
    page, asked, errors = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert [url for url in asked if urlsplit(url).scheme not in ("file", "data", "blob")] == []
    assert errors == []


def settle(page):
    """Wait for formulas and pictures."""
    assert page.evaluate(TYPESET)
    page.wait_for_function(PENDING)


def check_content(page):
    assert page.locator("mjx-container").count() > 0
    assert page.locator('[data-mml-node="merror"]').count() == 0
    assert page.locator("img").count() > 0
    assert page.evaluate(BROKEN) == 0


def test_contents_page_leads_to_every_notebook(chromium, screenshot):
    with offline(chromium, viewport={"width": 1300, "height": 900}) as page:
        page.goto((SITE / "index.html").as_uri())
        page.wait_for_function(PENDING)
        screenshot(page, "site_index", full_page=True)
        assert page.evaluate(BROKEN) == 0
        assert page.locator("article img").count() == len(NAMES)
        targets = [link.get_attribute("href") for link in page.locator("article h2 a").all()]
        assert targets == [f"{name}.html" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_page_of_a_notebook(chromium, screenshot, name):
    with offline(chromium, viewport={"width": 1300, "height": 900}) as page:
        page.goto((SITE / f"{name}.html").as_uri())
        settle(page)
        check_content(page)
        assert page.locator("img:not([alt]), img[alt='']").count() == 0
        for link in page.locator("a[href]").all():
            target = urlsplit(link.get_attribute("href"))
            if not target.scheme and target.path:
                assert (SITE / unquote(target.path)).is_file(), target.path
        solution = page.locator("details.solution").first
        assert not solution.locator(".highlight").is_visible()
        solution.locator("summary").click()
        assert solution.locator(".highlight").is_visible()
        screenshot(page, f"site_{name}")


@pytest.mark.parametrize("name", NAMES)
def test_page_fits_a_phone(chromium, screenshot, name):
    with offline(chromium, viewport={"width": 390, "height": 800}) as page:
        page.goto((SITE / f"{name}.html").as_uri())
        settle(page)
        screenshot(page, f"phone_{name}")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("name", NAMES)
def test_deck(chromium, screenshot, name):
    deck = SLIDES / f"{name}.html"
    if not deck.is_file():
        pytest.skip(f"notebook {name} has no slides yet")
    with offline(chromium, viewport={"width": 1280, "height": 720}) as page:
        page.goto(deck.as_uri())
        settle(page)
        page.wait_for_function("window.Reveal?.isReady()")
        check_content(page)
        assert page.evaluate(SMALL) == []
        count = page.evaluate("Reveal.getTotalSlides()")
        for number in range(1, count + 1):
            screenshot(page, f"deck_{name}_{number:02}")
            assert page.evaluate(OUTSIDE) == [], f"slide {number}"
            page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.isLastSlide()")
