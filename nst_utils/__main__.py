"""The command line: ``python -m nst_utils doctor | fetch | samples | stylize | fast``."""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

# What a command needs is imported in its function: --help and mistyped options respond at once.


def main(arguments=None) -> int:
    """Run a command; returns the exit code: 0 success, 1 failure, 2 bad arguments, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # × and · become ? in a Windows pipe or under ASCII
    options = vars(_parser().parse_args(arguments))
    command = options.pop("command")
    try:
        code = command(**options)
        print(end="", flush=True)  # a broken pipe is met here
        return code
    except BrokenPipeError:  # `... | head` has seen enough; nothing more can be printed, not even at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("Stopped before there was a result. Run the same command to begin again.", file=sys.stderr)
        return 130  # as shells have it
    except (ValueError, OSError, RuntimeError, ArithmeticError, MemoryError, ImportError) as error:
        from .setup.installation import explain

        # The package's own errors are sentences for the user; a traceback would hide them.
        print(f"Error: {explain(error)}", file=sys.stderr)
        return 1


def _parser():
    parser = argparse.ArgumentParser(prog="python -m nst_utils", description="Neural style transfer.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command, function, text in (
        ("doctor", _doctor, "check this computer: versions, GPU, weights, memory"),
        ("fetch", _fetch, "fetch the trained weights (once, 22 to 83 MB)"),
        ("samples", _samples, "list the built-in photos and paintings"),
    ):
        commands.add_parser(command, help=text).set_defaults(command=function)
    folder = argparse.ArgumentParser(add_help=False)
    text = "made if it is missing; what you wrote there stays (default: %(default)s)"
    folder.add_argument("folder", metavar="FOLDER", nargs="?", default="work", type=Path, help=text)
    text = "copy the notebooks into your folder and open it in JupyterLab"
    commands.add_parser("lab", help=text, parents=[folder]).set_defaults(command=_lab)
    notebooks = commands.add_parser("notebooks", help="copy the notebooks into your folder", parents=[folder])
    notebooks.add_argument("--without-solutions", action="store_true", help="as a class gets them")
    notebooks.set_defaults(command=_notebooks)

    pictures = argparse.ArgumentParser(add_help=False)
    pictures.add_argument("content", metavar="CONTENT", help="sample name, path or https address")
    pictures.add_argument("style", metavar="STYLE", help="sample name, path or https address")
    pictures.add_argument("-o", "--output", required=True, type=Path, help="file to write (.png, .jpg)")

    # An option that is not given is not passed on: its default is that of the function. The help repeats it,
    # because reading it from the signature would import TensorFlow; a test compares the two.
    given = {"parents": [pictures], "argument_default": argparse.SUPPRESS}
    stylize = commands.add_parser("stylize", help="paint CONTENT in the manner of STYLE", **given)
    stylize.add_argument("--size", type=int, default=384, help="longer side in pixels (default: %(default)s)")
    stylize.add_argument("--steps", type=int, help="steps of Adam (default: 100)")
    stylize.add_argument("--content-weight", type=float, help="keep more of the photo (default: 0.15)")
    stylize.add_argument("--style-weight", type=float, help="take more of the painting (default: 1.0)")
    stylize.add_argument("--total-variation-weight", type=float, help="smoother (default: 1.0)")
    stylize.set_defaults(command=_stylize)

    fast = commands.add_parser("fast", help="the same in one pass of Magenta's network", **given)
    fast.add_argument("--size", type=int, default=None, help="longer side in pixels (default: CONTENT's)")
    fast.add_argument("--strength", type=float, help="from 0, the photo, to 1 (default: 1.0)")
    fast.set_defaults(command=_fast)
    return parser


def _doctor():
    from .setup.doctor import diagnose

    findings = diagnose()
    for finding in findings:
        print(f"{'OK  ' if finding.good else 'FAIL'}  {finding.text}")
    return 0 if all(finding.good for finding in findings) else 1


def _fetch():
    from .fast import fetch_magenta
    from .models import fetch_weights, magenta_weights

    vgg19 = fetch_weights("vgg19")
    print(f"VGG19: {vgg19.source} ({vgg19.path})")
    print(f"Magenta: {magenta_weights.SOURCE} ({fetch_magenta()})")
    return 0


def _samples():
    from .pictures import samples

    for title, group in (
        ("Photos", samples.PHOTOS),
        ("Paintings, made by this package", samples.PAINTINGS),
        ("From the web", samples.PUBLIC_DOMAIN),
    ):
        print(title)
        for sample in group.values():
            print(f"  {sample.name:<16} {sample.title} · {sample.author} · {sample.license}")
    return 0


def _notebooks(folder, without_solutions=False):
    from .setup.copies import make_copies

    for line in make_copies(folder, solutions=not without_solutions):
        print(line)
    print(f"The notebooks are in {folder}.")
    return 0


def _lab(folder):
    from .setup.copies import start_lab

    _notebooks(folder)
    start_lab(folder)
    return 0


def _stylize(content, style, output, size, **settings):
    from .pictures.samples import find_picture

    _check_output(output)
    content, style = find_picture(content, size), find_picture(style, size)
    from . import loop  # TensorFlow takes seconds: only once the pictures are good
    from .base.interrupts import DelayedKeyboardInterrupt

    start = time.perf_counter()
    with DelayedKeyboardInterrupt() as interrupts:  # a second Ctrl+C would lose what the first has kept
        try:
            # What is printed of an interrupt is meant for notebooks
            with interrupts.allow_interrupts(only_first=True), contextlib.redirect_stdout(None):
                run = loop.stylize(content, style, **settings)
        except Exception as error:  # whatever it is: the picture first
            if hasattr(error, "run"):
                _keep(error.run, output, start)
            raise
        _keep(run, output, start)
    return 0


def _keep(run, path, start):
    steps = "interrupted, best picture so far" if run.interrupted else f"{len(run.history['total'])} steps"
    _save(run.picture, path, start, steps, f"weights: {run.settings['weights']}")


def _fast(content, style, output, size, **settings):
    from .pictures.samples import find_picture

    _check_output(output)
    content, style = find_picture(content, size), find_picture(style)
    from . import fast

    start = time.perf_counter()
    _save(fast.stylize_fast(content, style, **settings), output, start)
    return 0


def _check_output(path):
    """Refuse, before the work, an output that could not be written after it."""
    from .pictures import files

    if path.suffix.lower() not in files.SAVE_FORMATS:
        raise files.ImageError(f"{path}: choose one of the extensions {', '.join(files.SAVE_FORMATS)}.")
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        words = f"{path.parent} cannot be written ({error.strerror}); choose another folder."
        raise files.ImageError(words) from error


def _save(picture, path, start, *words):
    """Save a picture and print a line about it; if that fails after all, keep it elsewhere."""
    from .pictures import files

    try:
        files.save_image(picture, path)
    except files.ImageError as error:
        kept = files.save_image(picture, Path(tempfile.mkdtemp()) / path.name)
        message = f"{error} Move the picture from where it is kept until then: {kept}."
        raise files.ImageError(message) from error
    height, width = picture.shape[:2]
    print(f"{path}: {width} × {height}", *words, f"{time.perf_counter() - start:.1f} s", sep=", ")


if __name__ == "__main__":
    sys.exit(main())
