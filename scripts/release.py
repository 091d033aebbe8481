"""Checks that a version can be released, and prints the commands that publish it; it publishes nothing.

``make release`` builds the wheel and runs this.
"""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .stamp_address import BRANCH, ROOT


def complaints(root: Path, version: str) -> Iterator[str]:
    """Yield what stands against a release: of the clone, its texts, and the wheel in its folder dist."""
    if _git(root, "status", "--porcelain"):
        yield "The working tree has changes: commit them, or put them away with git stash."
    tagged = _git(root, "for-each-ref", f"refs/tags/v{version}", "--format=%(*objectname)%(objectname)")
    if tagged and not tagged.startswith(_git(root, "rev-parse", "HEAD")):
        yield f"The tag v{version} stands on another commit: raise __version__ in nst_utils/__init__.py."
    section = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    if not re.search(section, (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE):
        yield f"CHANGELOG.md needs a section with a date: ## [{version}] - YYYY-MM-DD."
    if f"\nversion: {version}\n" not in (root / "CITATION.cff").read_text(encoding="utf-8"):
        yield f"CITATION.cff names another version: set it to {version}."
    wheel = root / "dist" / f"nst_utils-{version}-py3-none-any.whl"
    yield from wheel_complaints(wheel, set(_git(root, "ls-files", "nst_utils").splitlines()))


def wheel_complaints(path: Path, files: set[str]) -> Iterator[str]:
    """Yield what a wheel lacks of the package's files, and what it holds beside them."""
    if not path.exists():
        yield f"{path.name} is not in {path.parent}: run make wheel."
        return
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
    packed = {name for name in names if ".dist-info/" not in name}
    yield from (f"{path.name} lacks {name}." for name in sorted(files - packed))
    yield from (f"{path.name} holds {name}, no file of the package." for name in sorted(packed - files))
    if not any(name.endswith("/LICENSE") for name in names):
        yield f"{path.name} lacks LICENSE."


def _git(root, *words):
    return subprocess.check_output(["git", *words], cwd=root, text=True).strip()


def main() -> int:
    """Check this project."""
    from nst_utils import __version__

    found = list(complaints(ROOT, __version__))
    if found:
        print(*found, sep="\n")
        return 1
    print(f"Version {__version__} is ready. These two commands publish it:")
    print(f'  git tag -a v{__version__} -m "nst-utils {__version__}"')
    print(f"  git push origin {BRANCH} v{__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
