"""Says what the notebooks ran with, and writes it into the README if they were all of them.

``make course`` runs it when every notebook has passed. ::

    python -m scripts.last_run notebooks/*.ipynb
"""

import datetime
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Not at the start of a line, where a comment makes HTML of the whole line
PLACE = re.compile(r"(?<=<!-- last run -->).*(?=<!-- /last run -->)")


def with_versions() -> str:
    """Return the date and the versions of this environment as half a sentence."""
    packages = {"TensorFlow": "tensorflow", "Keras": "keras", "NumPy": "numpy"}
    versions = ", ".join(f"{name} {version(package)}" for name, package in packages.items())
    return f"ran on {datetime.date.today()} with Python {platform.python_version()}, {versions}"


def main(ran: list[str], root: Path = ROOT) -> int:
    """Print the line for the notebooks that ran; a part of them leaves the README alone."""
    line = f"{len(ran)} notebooks {with_versions()}"
    print(line)
    if {Path(path).resolve() for path in ran} == set((root / "notebooks").glob("*.ipynb")):
        readme = root / "README.md"
        text = readme.read_text(encoding="utf-8")
        readme.write_text(PLACE.sub(f" All {line}.", text), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
