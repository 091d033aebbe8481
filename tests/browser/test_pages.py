"""The built website and decks, opened from the disk with the network cut."""

import contextlib
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

BUILD = Path(__file__).resolve().parent.parent.parent / "build"
SITE, SLIDES = BUILD / "site", BUILD / "slides"
NAMES = sorted(path.stem for path in (SITE.parent.parent / "notebooks").glob("*.ipynb"))
TYPESET = "window.MathJax?.startup?.promise?.then(() => true)"
BROKEN = "[...document.images].filter(image => image.complete && !image.naturalWidth).length"
PENDING = "[...document.images].every(image => image.complete)"
# one of the words that were searched for is on the screen, and does not end a longer one
WORDS_IN_VIEW = """() => [...document.querySelectorAll('.bd-article .highlighted')].some(word => {
  const place = word.getBoundingClientRect();
  return place.top > 0 && place.bottom < innerHeight && !/\\w$/.test(word.previousSibling?.textContent ?? "");
})"""
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
    page.on("requestfailed", lambda request: errors.append((request.url, request.failure)))
    page.on("pageerror", lambda error: errors.append((str(error),)))
    yield page
    context.close()
    assert [url for url in asked if urlsplit(url).scheme not in ("file", "data", "blob")] == []
    gone_on = "net::ERR_ABORTED"  # by a test that went to the next page
    assert [error for error in errors if error[-1] != gone_on] == []


def check_accessibility(page):
    """Everything that keeps somebody from using the page is an error."""
    found = (
        Axe().run(page, options={"preload": False}).response["violations"]
    )  # it would ask for the CSS again
    grave = [violation for violation in found if violation["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in grave] == []


def settle(page):
    """Wait for formulas and pictures."""
    assert page.evaluate(TYPESET)
    page.wait_for_function(PENDING)


def check_content(page):
    assert page.locator("mjx-container").count() > 0
    assert page.locator('[data-mml-node="merror"]').count() == 0
    assert page.locator("img").count() > 0
    assert page.evaluate(BROKEN) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_page_leads_to_every_notebook(chromium, screenshot, scheme):
    with offline(chromium, viewport={"width": 1300, "height": 900}, color_scheme=scheme) as page:
        page.goto((SITE / "index.html").as_uri())
        page.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager' })")
        page.wait_for_function(PENDING)
        screenshot(page, f"site_index_{scheme}", full_page=True)
        assert page.evaluate(BROKEN) == 0
        targets = [link.get_attribute("href") for link in page.locator(".cards h2 a").all()]
        assert targets == [f"notebooks/{name}.html" for name in NAMES]
        check_accessibility(page)


@pytest.mark.parametrize("name", NAMES)
def test_page_of_a_notebook(chromium, screenshot, name):
    with offline(chromium, viewport={"width": 1300, "height": 900}) as page:
        page.goto((SITE / f"notebooks/{name}.html").as_uri())
        settle(page)
        check_content(page)
        assert page.locator(".bd-article img:not([alt]), .bd-article img[alt='']").count() == 0
        solution = page.locator(".tag_solution").first
        assert not solution.locator(".cell_input").is_visible()
        solution.locator("summary").click()
        assert solution.locator(".cell_input").is_visible()
        screenshot(page, f"site_{name}")
        if name == NAMES[0]:
            check_accessibility(page)


def test_every_link_inside_the_site_leads_somewhere():
    """Sphinx checks what it resolves itself; this finds the links of raw HTML and of our templates."""
    for page in [*SITE.glob("*.html"), *SITE.glob("docs/**/*.html"), *SITE.glob("notebooks/*.html")]:
        for target in map(
            urlsplit, re.findall(r'<a\b[^>]*\bhref="([^"]*)"', page.read_text(encoding="utf-8"))
        ):
            if not target.scheme and target.path:
                path = (page.parent / unquote(target.path)).resolve()
                is_archive = path == (SITE / "course.zip").resolve()  # made where the course is a Git clone
                assert is_archive or path.exists(), (page.name, target.path)


@pytest.mark.parametrize(
    ("words", "page_found"),
    [
        ("conv4_2", "01 · Intermediate layers"),
        ("retracing", "Questions people bring"),
        ("KerasLayer", "05 · Arbitrary stylization in one pass"),
        ("faces", "03 · Loss terms"),
    ],
)
def test_the_search_finds_words_of_people(chromium, screenshot, words, page_found):
    with offline(chromium, viewport={"width": 1300, "height": 900}) as page:
        page.goto((SITE / "index.html").as_uri())
        page.keyboard.press("Control+k")
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results li", timeout=20_000)
        page.wait_for_function("/finished|found/.test(document.querySelector('#search-results').innerText)")
        screenshot(page, f"search_{words}")
        page.locator("#search-results a", has_text=page_found).first.click()
        page.wait_for_function(WORDS_IN_VIEW)
        screenshot(page, f"found_{words}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_of_the_reference(chromium, screenshot, scheme):
    with offline(chromium, viewport={"width": 1300, "height": 900}, color_scheme=scheme) as page:
        page.goto((SITE / "docs/reference/nst_utils.stylize.html").as_uri())
        assert page.locator("html").get_attribute("data-theme") == scheme
        assert ">>> " in page.locator("article").inner_text()
        screenshot(page, f"reference_{scheme}")
        check_accessibility(page)


def test_no_page_is_wider_than_a_phone(chromium, screenshot):
    with offline(chromium, viewport={"width": 390, "height": 800}) as page:
        for path in [*SITE.glob("*.html"), *SITE.glob("docs/**/*.html"), *SITE.glob("notebooks/*.html")]:
            page.goto(path.as_uri())
            if path.parent.name == "notebooks":
                settle(page)
                screenshot(page, f"phone_{path.stem}")
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, path.name


def test_on_a_phone_a_choice_closes_the_list_of_sections(chromium):
    with offline(chromium, viewport={"width": 390, "height": 800}) as page:
        page.goto((SITE / "notebooks/02_gram_matrices.html").as_uri())
        page.locator("button.secondary-toggle").click()
        page.locator("dialog[open] a", has_text="Shuffle everything").click()
        page.wait_for_selector("dialog[open]", state="detached")
        heading = page.locator("#shuffle-everything")
        assert abs(heading.bounding_box()["y"]) < 150


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
            if name == NAMES[0]:
                check_accessibility(page)
            page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.isLastSlide()")
