"""``python -m publish`` builds a slide deck per notebook; ``make slides`` calls it."""

import argparse
import sys
from pathlib import Path

from nst_utils.base.download import DownloadError
from nst_utils.models.fetching import WeightsError

from .deck import build_deck
from .notebooks import read_lesson
from .slides import SlideError

ROOT = Path(__file__).resolve().parent.parent


def main(arguments=None):
    """Build every deck; return the exit status.

    A notebook whose slides do not fit fails, one without slides is only named.
    """
    parser = argparse.ArgumentParser(prog="python -m publish", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/slides", help="folder to write to")
    folder, failed = parser.parse_args(arguments).build, 0
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        lesson = read_lesson(path)
        try:
            print(build_deck(lesson, folder))
        except SlideError as error:
            print(f"no slides for {lesson.name}: {error}", file=sys.stderr)
            failed += any("slideshow" in cell.metadata for cell in lesson.notebook.cells)
        except (DownloadError, WeightsError) as error:
            print(error, file=sys.stderr)
            return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
