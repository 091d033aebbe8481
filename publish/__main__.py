"""``python -m publish slides`` and ``python -m publish site``; ``make`` calls both."""

import argparse
import sys
from pathlib import Path

from nst_utils.base.download import DownloadError
from nst_utils.models.fetching import WeightsError

from .deck import build_deck
from .notebooks import read_lesson
from .site import build_site
from .slides import SlideError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments=None):
    """Build what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m publish", description=__doc__)
    parser.add_argument("what", choices=["slides", "site"])
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="folder to write to")
    options = parser.parse_args(arguments)
    lessons = [read_lesson(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    try:
        if options.what == "slides":
            return _slides(lessons, options.build / "slides")
        print(build_site(lessons, options.build / "site", options.build / "slides", ROOT / "docs/strip.jpg"))
    except (DownloadError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _slides(lessons, folder):
    """Build every deck; a notebook whose slides do not fit fails, one without slides is only named."""
    failed = 0
    for lesson in lessons:
        try:
            print(build_deck(lesson, folder))
        except SlideError as error:
            print(f"no slides for {lesson.name}: {error}", file=sys.stderr)
            failed += any("slideshow" in cell.metadata for cell in lesson.notebook.cells)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
