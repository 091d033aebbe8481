"""The command line: ``python -m nst_utils doctor | fetch | samples | stylize | fast``."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from .base.printing import replace_unknown_letters

# What a command imports stands in its function: --help and mistyped options answer at once. It is imported
# by its public name, since a broken installation is then explained.


def main(arguments=None):
    """Run a command; returns the exit code: 0 success, 1 failure, 2 bad arguments, 130 stopped."""
    replace_unknown_letters()
    options = _parser().parse_args(arguments)
    try:
        code = options.command(options)
        if sys.stdout:  # None under pythonw
            sys.stdout.flush()  # so that a broken pipe is met here
        return code
    except BrokenPipeError:  # `... | head` has seen enough; nothing more can be said, not even at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("Stopped before there was a result. Run the same command to begin again.", file=sys.stderr)
        return 130  # as shells have it
    except (ValueError, OSError, RuntimeError, ArithmeticError, MemoryError, ImportError) as error:
        # The package's own errors are sentences for the user; a traceback would hide them.
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _parser():
    parser = argparse.ArgumentParser(prog="python -m nst_utils", description="Neural style transfer.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    doctor = commands.add_parser("doctor", help="check this computer: versions, GPU, weights, memory")
    doctor.set_defaults(command=_doctor)

    fetch = commands.add_parser("fetch", help="fetch the trained weights (once, 22 to 83 MB)")
    fetch.set_defaults(command=_fetch)

    samples = commands.add_parser("samples", help="list the built-in photos and paintings")
    samples.set_defaults(command=_samples)

    stylize = commands.add_parser("stylize", help="paint CONTENT in the manner of STYLE")
    stylize.add_argument("content", metavar="CONTENT", help="sample name, path or https address")
    stylize.add_argument("style", metavar="STYLE", help="sample name, path or https address")
    stylize.add_argument("-o", "--output", required=True, type=Path, help="file to write (.png, .jpg)")
    stylize.add_argument("--size", type=int, default=384, help="longer side in pixels (default 384)")
    stylize.add_argument("--steps", type=int, default=100, help="steps of Adam (default 100)")
    stylize.add_argument("--content-weight", type=float, help="keep more of the photo (default 0.15)")
    stylize.add_argument("--style-weight", type=float, help="take more of the painting (default 1)")
    stylize.add_argument("--total-variation-weight", type=float, help="smoother (default 1)")
    stylize.set_defaults(command=_stylize)

    fast = commands.add_parser("fast", help="the same in one pass of Magenta's network: under a second")
    fast.add_argument("content", metavar="CONTENT", help="sample name, path or https address")
    fast.add_argument("style", metavar="STYLE", help="sample name, path or https address")
    fast.add_argument("-o", "--output", required=True, type=Path, help="file to write (.png, .jpg)")
    fast.add_argument("--size", type=int, help="longer side in pixels (default: as the photo is)")
    fast.add_argument("--strength", type=float, default=1.0, help="0 (the photo) to 1 (default 1)")
    fast.set_defaults(command=_fast)
    return parser


def _doctor(_options):
    from .setup import doctor

    findings = doctor.diagnose()
    for finding in findings:
        print(f"{'OK  ' if finding.good else 'FAIL'}  {finding.text}")
    return 0 if all(finding.good for finding in findings) else 1


def _fetch(_options):
    from .models import magenta_weights, vgg_weights

    file = vgg_weights.fetch_weights("vgg19")
    print(f"VGG19: {file.source} ({file.path})")
    folder = magenta_weights.find_saved_model()
    if folder is None:
        from . import fast

        folder = fast.fetch_magenta()
    print(f"Magenta: {magenta_weights.SOURCE} ({folder})")
    return 0


def _samples(_options):
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


def _stylize(options):
    from .pictures import samples

    _check_output(options.output)
    content = samples.find_picture(options.content, options.size)
    style = samples.find_picture(options.style, options.size)
    # TensorFlow takes seconds: only once the pictures are good
    from . import loop

    start = time.perf_counter()
    names = ("content_weight", "style_weight", "total_variation_weight")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    try:
        run = loop.stylize(content, style, steps=options.steps, **given)
    except Exception as error:  # whatever it is: the picture first
        if hasattr(error, "run"):
            _keep(error.run, options.output, start)
        raise
    _keep(run, options.output, start)
    return 0


def _keep(run, path, start):
    """Save the picture of a run, and say what became of it."""
    from .base.interrupts import DelayedKeyboardInterrupt

    with DelayedKeyboardInterrupt():  # who is impatient stops twice, and would lose what the first stop has kept
        _save(run.picture, path)
    height, width = run.picture.shape[:2]
    words = "interrupted, best picture so far" if run.interrupted else f"{len(run.history['total'])} steps"
    seconds = time.perf_counter() - start
    print(f"{path}: {width} × {height}, {words}, {seconds:.0f} s, weights: {run.settings['weights']}")


def _fast(options):
    from .pictures import samples

    _check_output(options.output)
    if not 0 <= options.strength <= 1:
        raise ValueError(f"--strength is {options.strength:g}; choose 0 to 1.")
    content = samples.find_picture(options.content, options.size)
    style = samples.find_picture(options.style)
    from . import fast

    start = time.perf_counter()
    picture = fast.stylize_fast(content, style, options.strength)
    _save(picture, options.output)
    height, width = picture.shape[:2]
    print(f"{options.output}: {width} × {height}, {time.perf_counter() - start:.1f} s")
    return 0


def _check_output(path):
    """Say before the work, not after it, that the result could not be written."""
    from .pictures import images

    if path.suffix.lower() not in images.FORMATS:
        raise images.ImageError(f"{path}: choose one of the extensions {', '.join(images.FORMATS)}.")
    if not path.parent.is_dir():
        raise images.ImageError(f"The folder {path.parent} does not exist; create it first.")
    if path.is_dir():
        raise images.ImageError(f"{path} is a folder; choose another name for the picture.")
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise images.ImageError(
            f"{path.parent} cannot be written ({error.strerror}); choose another folder."
        ) from error


def _save(picture, path):
    """Save a picture; if that fails after all, keep it elsewhere rather than lose the work."""
    from .pictures import images

    try:
        images.save_image(picture, path)
    except images.ImageError as error:
        kept = images.save_image(picture, Path(tempfile.mkdtemp()) / path.name)
        words = f"{error} Move the picture from where it is kept until then: {kept}."
        raise images.ImageError(words) from error


if __name__ == "__main__":
    sys.exit(main())
