"""The command line: ``python -m nst_utils COMMAND``, of which ``--help`` lists them all."""

import argparse
import contextlib
import difflib
import hashlib
import itertools
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import __version__
from .base.interrupts import DelayedKeyboardInterrupt

# What a command needs is imported in its function: --help and mistyped options respond at once.

EXAMPLES = """\
examples, the last with a whole folder of photos:
  python -m nst_utils stylize astronaut swirls -o out.png
  python -m nst_utils stylize me.jpg mosaic --mask me_in_white.png -o me.png
  python -m nst_utils fast my_photo.jpg mosaic -o mine.jpg --strength 0.7
  python -m nst_utils film holiday.mp4 swirls -o painted.mp4 --fast
  python -m nst_utils train woodblock -o woodblock.keras
  python -m nst_utils fast my_photos woodblock.keras -o painted

python -m nst_utils COMMAND --help lists the options of a command."""

TRAINING_SIZE = 384  # pixels: longer side of the painting and the photos that a painter is trained on


def main(arguments=None) -> int:
    """Run a command; returns the exit code: 0 success, 1 failure, 2 bad arguments, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # × and · become ? in a Windows pipe or under ASCII
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    command = options.pop("command")
    try:
        code = command(**options)
        print(end="", flush=True)  # a broken pipe is met here
        return code or 0
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


# ----- The words of a command -----


def _parse(arguments):
    """Return the options by name; a mistyped word ends the program with the one that it is near to."""
    parser, commands = _parser()
    word = next(iter(arguments), "-")
    if not word.startswith("-") and word not in commands:
        guess = _did_you_mean(word, commands) or f"; choose one of {', '.join(commands)}"
        parser.error(f"there is no command {word!r}{guess}")
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        command = commands.get(word, parser)
        known = re.findall(r"--[a-z-]+", command.format_help())
        command.error(f"unrecognized arguments: {' '.join(unknown)}{_did_you_mean(unknown[0], known)}")
    return vars(options)


def _did_you_mean(word, known):
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _parser():
    """Return the parser, and those of the commands by name; a command's function is its name and its help."""
    parser = argparse.ArgumentParser(
        prog="python -m nst_utils",
        description="Paint photos in the manner of paintings.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"nst_utils {__version__}")
    parser.set_defaults(command=parser.print_help)  # without a command
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for function in (_stylize, _fast, _film, _train, _samples, _fetch, _doctor, _lab, _notebooks):
        # An option that is not given is not passed on: its default is that of the function. The help repeats
        # it, because reading it from the signature would import TensorFlow; a test compares the two.
        words = {"help": function.__doc__, "description": function.__doc__}
        command = commands.add_parser(function.__name__[1:], argument_default=argparse.SUPPRESS, **words)
        command.set_defaults(command=function)

    for name in ("lab", "notebooks"):
        text = "made if it is missing; what you wrote there stays (default: %(default)s)"
        commands.choices[name].add_argument("folder", metavar="FOLDER", nargs="?", default="work", help=text)
    text = "leave them out, for a class"
    commands.choices["notebooks"].add_argument("--without-solutions", action="store_true", help=text)

    stylize, fast = commands.choices["stylize"], commands.choices["fast"]
    _add_pictures(
        stylize, size=384, nargs="+",
        style="painting: sample, path or address; several are mixed, or have a --mask each",
    )  # fmt: skip
    stylize.add_argument(
        "--shares", type=float, nargs="+", metavar="N",
        help="what each STYLE of a mixture counts, such as 2 1 (default: all the same)",
    )  # fmt: skip
    stylize.add_argument(
        "--mask", nargs="+", metavar="FILE",
        help="where to paint: a picture that is white there, one for each STYLE; the last STYLE may have"
        " none and takes the rest (default: paint everywhere)",
    )  # fmt: skip
    _add_colors(stylize)
    stylize.add_argument(
        "--stroke-size", type=float, metavar="FACTOR",
        help="size of the strokes against the photo, such as 0.5 or 2 (default: 1.0)",
    )  # fmt: skip
    stylize.add_argument(
        "--style-size", type=_size, metavar="SIZE",
        help="longer side of STYLE in pixels: the larger, the larger the strokes (default: that of --size)",
    )  # fmt: skip
    stylize.add_argument("--steps", type=int, help="steps of the optimizer (default: 100)")
    stylize.add_argument("--optimizer", metavar="NAME", help="adam, sgd or lbfgs (default: adam)")
    stylize.add_argument(
        "--initial", type=lambda text: text.replace("-", " "), metavar="NAME",
        help="what the steps start from: recolored-content, content, blurred-content, style or noise"
        " (default: recolored-content)",
    )  # fmt: skip
    stylize.add_argument("--content-weight", type=float, help="keep more of the photo (default: 0.15)")
    stylize.add_argument("--style-weight", type=float, help="take more of the painting (default: 1.0)")
    stylize.add_argument("--total-variation-weight", type=float, help="smoother (default: 1.0)")

    _add_pictures(fast, size=512, style="painting: sample, path or address; or a painter (.keras)")
    _add_colors(fast)
    fast.add_argument(
        "--strength", type=float, metavar="S",
        help="from 0, the photo's own style, to 1, the painting's; the network repaints the photo at 0, too"
        " (default: 1.0)",
    )  # fmt: skip

    film = commands.choices["film"]
    film.add_argument("film", metavar="FILM", help="film file, such as .mp4")
    help_ = "painting: sample, path or address; or a painter (.keras)"
    film.add_argument("style", metavar="STYLE", help=help_)
    _add_output(film, "film to write (.mp4, no sound); after a stop the same command goes on")
    help_ = "longer side in pixels, or full for that of FILM (default: %(default)s)"
    film.add_argument("--size", type=_size, default=256, help=help_)
    film.add_argument("--fast", action="store_true", help="one pass of Magenta's network a frame, no steps")
    film.add_argument(
        "--steps", type=int, help="steps of the first frame; a later one takes three tenths (default: 100)"
    )

    train = commands.choices["train"]
    train.add_argument("style", metavar="STYLE", help="painting: sample, path or address")
    _add_output(train, "file to write (.keras), the STYLE of the command fast from then on")
    train.add_argument("--photos", metavar="FOLDER", help="photos to learn on (default: those of the course)")
    train.add_argument("--steps", type=int, help="steps of the optimizer (default: 200)")
    return parser, commands.choices


def _add_pictures(command, size, style, **several):
    """Add what the commands that paint have in common."""
    command.add_argument("content", metavar="CONTENT", help="photo: sample, path or address; or a folder")
    command.add_argument("style", metavar="STYLE", help=style, **several)
    _add_output(command, "file to write (.png, .jpg, .webp); a folder if CONTENT is one")
    help_ = "longer side in pixels, or full for that of CONTENT (default: %(default)s)"
    command.add_argument("--size", type=_size, default=size, help=help_)


def _add_colors(command):
    command.add_argument(
        "--colors", type=lambda text: text.replace("-", " "), metavar="NAME",
        help="whose colors the result has: painting; photo, place by place; or photo-palette, in which the"
        " painting is given the photo's colors before (default: painting)",
    )  # fmt: skip


def _add_output(command, text):
    path = {"required": True, "type": lambda text: Path(os.path.expanduser(text))}
    command.add_argument("-o", "--output", **path, help=text)
    command.add_argument("--force", action="store_true", help="replace files that exist, but never an input")


def _size(text):
    if text != "full" and not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; give a number of pixels, or full.")
    return None if text == "full" else int(text)


# ----- Commands -----


def _lab(folder):
    """Copy the notebooks into your folder and open JupyterLab."""
    from .setup.copies import start_lab

    _notebooks(folder)
    start_lab(folder)


def _notebooks(folder, without_solutions=False):
    """Copy the notebooks into your folder."""
    from .setup.copies import make_copies

    for line in make_copies(folder, solutions=not without_solutions):
        print(line)
    print(f"The notebooks are in {folder}.", flush=True)


def _stylize(content, style, output, size, force=False, **settings):
    """Paint a photo in the manner of a painting, step by step."""
    from .base.arguments import STROKE_SIZES
    from .pictures.samples import find_picture

    masks = settings.pop("mask", [])
    files = _plan(content, output, [*style, *masks], force)
    style_size = settings.pop("style_size", size)
    if style_size and STROKE_SIZES[0] <= settings.get("stroke_size", 1.0) <= STROKE_SIZES[1]:
        # Read so large, a painting keeps the detail that enlarging would not bring back
        style_size = round(style_size * settings.pop("stroke_size", 1.0))
    styles = [find_picture(one, style_size) for one in style]
    if masks:
        settings["mask"] = _load_masks(masks, size, len(styles))
    style = styles if len(styles) > 1 else styles[0]

    def paint(source, target):
        content = find_picture(source, size)
        from . import loop  # TensorFlow takes seconds: only once the pictures are good

        start = time.perf_counter()
        return _keep_run(
            lambda: loop.stylize(content, style, **settings),
            lambda run: _save_picture(run.picture, target, start, *_words_of(run, "best picture so far")),
        )

    return _paint_each(files, paint)


def _load_masks(files, size, count):
    """Read masks from pictures, white for 1; the last of the paintings takes what the others leave."""
    from .pictures.files import load_image

    masks = [load_image(file, size).mean(axis=-1) for file in files]
    if len(masks) == count - 1:
        if len({mask.shape for mask in masks}) > 1:
            raise ValueError("The masks differ in size; give pictures of one size, or one for every STYLE.")
        masks.append((1 - sum(masks)).clip(0, 1))
    return masks


def _keep_run(make, keep):
    """Make a run and keep what it reached, whatever ends it; returns whether it was interrupted."""
    with DelayedKeyboardInterrupt() as interrupts:  # a second Ctrl+C would lose what the first has kept
        try:
            # What is printed of an interrupt is meant for notebooks
            with interrupts.allow_interrupts(only_first=True), contextlib.redirect_stdout(None):
                run = make()
        except Exception as error:  # whatever it is: the picture first
            if hasattr(error, "run"):
                keep(error.run)
            raise
        keep(run)
    return run.interrupted


def _words_of(run, reached):
    steps = f"interrupted, {reached}" if run.interrupted else f"{len(run.history['total'])} steps"
    tile = run.settings.get("tile")
    tiles = [f"in tiles of {tile} px"] if tile else []  # why it took so long
    return steps, *tiles, f"weights: {run.settings['weights']}"


def _fast(content, style, output, size, force=False, **settings):
    """Paint a photo in the manner of a painting, in one pass."""
    from .pictures.samples import find_picture

    files = _plan(content, output, [style], force)
    painter = _load_painter(style, settings) if style.endswith(".keras") else None
    style = painter or find_picture(style)

    def paint(source, target):
        content = find_picture(source, size)
        from . import fast

        start = time.perf_counter()
        if painter:
            picture = _paint_with(painter, content, **settings)
        else:
            picture = fast.stylize_fast(content, style, **settings)
        _save_picture(picture, target, start)

    return _paint_each(files, paint)


def _load_painter(path, settings):
    from .painter import load_painter

    if "strength" in settings:
        raise ValueError(f"{path} has one strength: leave --strength out, or give a painting as STYLE.")
    if settings.get("colors", "painting") not in ("painting", "photo"):
        raise ValueError(f"{path} has learned its colors: take --colors photo, or give a painting as STYLE.")
    return load_painter(path)


def _paint_with(painter, content, colors="painting"):
    from .pictures.opponent import restore_colors

    picture = painter.paint(content)
    return restore_colors(picture, content) if colors == "photo" else picture


def _film(film, style, output, size, force=False, fast=False, **settings):
    """Paint a film in the manner of a painting, frame by frame."""
    from .pictures.files import ImageError
    from .pictures.films import Film, KeptFrames, save_film

    if output.suffix.lower() != ".mp4":
        raise ImageError(f"{output}: choose a name that ends in .mp4.")
    _check_target(output, _identities(film, style), force, output.parent)
    frames = Film(film, size)
    if "steps" in settings and (fast or style.endswith(".keras")):
        raise ValueError("A network paints in one pass: leave --steps out.")
    style, made_of = _film_style(style, size, fast)
    made_of |= {"film": frames.digest(), "size": size, "fast": fast, **settings}
    kept, start = KeptFrames(output.with_suffix(".frames"), made_of, force), time.perf_counter()
    if done := len(kept):
        print(f"{done} frames are painted already, in {kept.folder}.")
        settings["first"], frames = kept[-1], Film(film, size, start=done - 1)
    from .film import stylize_film

    try:
        with contextlib.redirect_stdout(None):  # what is printed of an interrupt is meant for notebooks
            for painted in itertools.islice(stylize_film(frames, style, **settings), bool(done), None):
                kept.append(painted)
        _save(lambda path: save_film(kept, path, frames.rate), output, start, f"{len(kept)} frames")
    except KeyboardInterrupt:
        if not kept:
            raise
        words = f"{len(kept)} frames are kept in {kept.folder}: the same command goes on."
        print(f"Stopped. {words}", file=sys.stderr)
        return 130
    kept.delete()
    return 0


def _film_style(style, size, fast):
    """Return the painting of a film, or how a network paints a frame; and what tells it from others."""
    from .pictures.samples import find_picture

    if style.endswith(".keras"):
        painter = _load_painter(style, {})
        return painter, {"style": hashlib.sha256(Path(os.path.expanduser(style)).read_bytes()).hexdigest()}
    painting = find_picture(style, None if fast else size)
    made_of = {"style": hashlib.sha256(painting.tobytes()).hexdigest()}
    if not fast:
        return painting, made_of
    from .fast import stylize_fast

    return lambda frame: stylize_fast(frame, painting), made_of


def _train(style, output, photos=None, force=False, **settings):
    """Train a painter: a network for one painting (2 minutes)."""
    from .pictures.files import ImageError, load_image
    from .pictures.samples import find_picture

    if output.suffix != ".keras":
        raise ImageError(f"{output}: choose a name that ends in .keras.")
    paths = _photos_in(photos) if photos else []
    _check_target(output, _identities(style, *paths), force, output.parent)
    style = find_picture(style, TRAINING_SIZE)
    photos = [load_image(path, TRAINING_SIZE) for path in paths] or None
    from . import train

    start = time.perf_counter()

    def keep(run):
        if not run.history:
            raise KeyboardInterrupt  # there is nothing to keep
        _save(run.painter.save, output, start, *_words_of(run, "painter so far"))

    _keep_run(lambda: train.train_painter(style, photos, **settings), keep)


def _samples():
    """List the built-in photos and paintings."""
    from .pictures import samples

    for title, group in (
        ("Photos", samples.PHOTOS),
        ("Paintings, made by this package", samples.PAINTINGS),
        ("From the web", samples.PUBLIC_DOMAIN),
    ):
        print(title)
        for sample in group.values():
            print(f"  {sample.name:<16} {sample.title} · {sample.author} · {sample.license}")


def _fetch():
    """Fetch trained weights and a film (once, 24 to 85 MB)."""
    from .fast import fetch_magenta
    from .models import fetch_weights, magenta_weights
    from .models.sample_film import fetch_sample_film

    vgg19 = fetch_weights("vgg19")
    print(f"VGG19: {vgg19.source} ({vgg19.path})")
    print(f"Magenta: {magenta_weights.SOURCE} ({fetch_magenta()})")
    print(f"Film: Big Buck Bunny ({fetch_sample_film()})")


def _doctor():
    """Check this computer: versions, GPU, weights, memory."""
    from .setup.doctor import diagnose

    findings = diagnose()
    for finding in findings:
        print(f"{'OK  ' if finding.good else 'FAIL'}  {finding.text}")
    return 0 if all(finding.good for finding in findings) else 1


# ----- Files -----


def _plan(content, output, others, force):
    """Return the file for each photo; refuse before the work what could not, or must not, be written."""
    from .pictures.files import SAVE_FORMATS, ImageError

    def is_writable(path):
        return path.suffix.lower() in SAVE_FORMATS

    files = {content: output}
    if is_folder := os.path.isdir(os.path.expanduser(content)):
        if is_writable(output) or output.is_file():
            raise ImageError(f"{content} is a folder, so {output} must be one, too; choose another name.")
        names = {str(p): p.name if is_writable(p) else f"{p.name}.png" for p in _photos_in(content)}
        files = {source: output / name for source, name in names.items()}
    elif not is_writable(output):
        raise ImageError(f"{output}: choose one of the extensions {', '.join(SAVE_FORMATS)}.")

    where, inputs = output if output.is_dir() else output.parent, _identities(*files, *others)
    return {
        source: target
        for source, target in files.items()
        if _check_target(target, inputs, force, where, skips=is_folder)
    }


def _photos_in(folder):
    from .pictures.files import EXTENSIONS, ImageError

    try:
        paths = sorted(Path(os.path.expanduser(folder)).iterdir())
    except OSError as error:
        raise ImageError(f"{folder} is no folder to read ({error.strerror}); check the path.") from error
    photos = [path for path in paths if path.suffix.lower() in EXTENSIONS and path.name[0] != "."]
    if not photos:
        raise ImageError(f"{folder} has no pictures ({', '.join(EXTENSIONS)}); check the path.")
    return photos


def _check_target(target, inputs, force, where, skips=False):
    """Return whether to write a file, or raise an error; one that exists is skipped, or refused."""
    from .pictures.files import ImageError

    if _identities(target) & inputs:
        raise ImageError(f"{target} is an input, which is never replaced; choose another name for -o.")
    if os.path.lexists(target) and not force:
        if not skips:
            raise ImageError(f"{target} exists; choose another name for -o, or --force to replace it.")
        print(f"{target} exists: skipped (--force replaces it)")
        return False
    try:
        tempfile.TemporaryFile(dir=where).close()
    except OSError as error:
        raise ImageError(f"{where} cannot be written ({error.strerror}); choose another folder.") from error
    return True


def _identities(*paths):
    """Return what all names of a file share: links, relative paths, capitals where these do not count."""
    found = set()
    for path in paths:
        with contextlib.suppress(OSError, ValueError):  # a sample, an address, a new file
            status = os.stat(os.path.expanduser(path))
            found.add((status.st_dev, status.st_ino))
    return found


def _paint_each(files, paint):
    """Call ``paint(source, target)`` for each; a photo that is not usable does not end the others."""
    from .pictures.files import ImageError

    failed, is_one = 0, len(files) == 1
    for source, target in files.items():
        go_on = "give the same command again"
        try:
            if is_stopped := paint(source, target):
                go_on = f"delete {target}, which is not finished, and {go_on}"
        except KeyboardInterrupt:
            if is_one:
                raise
            is_stopped = True
        except (ImageError, MemoryError, ArithmeticError) as error:
            name = "" if is_one or source in str(error) else f"{source}: "
            print(f"Error: {name}{error}", file=sys.stderr)
            failed, is_stopped = failed + 1, False
        if is_stopped and not is_one:
            print(f"Stopped. To go on with the others, {go_on}.", file=sys.stderr)
            return 130
    if failed and not is_one:
        print(f"{failed} of {len(files)} pictures could not be painted.", file=sys.stderr)
    return 1 if failed else 0


def _save_picture(picture, path, start, *words):
    from .pictures import files

    def save(path):
        path.parent.mkdir(exist_ok=True)  # of a folder of pictures
        return files.save_image(picture, path)

    height, width = picture.shape[:2]
    _save(save, path, start, f"{width} × {height}", *words)


def _save(save, path, start, *words):
    """Save what was made and print a line about it; if that fails after all, keep it elsewhere."""
    try:
        save(path)
    except (OSError, ValueError) as error:
        kept = save(Path(tempfile.mkdtemp()) / path.name)
        # Not an ImageError, after which the next photo of a folder would be painted
        raise OSError(f"{error} Move it from where it is kept until then: {kept}.") from error
    print(f"{path}:", ", ".join([*words, f"{time.perf_counter() - start:.1f} s"]))


if __name__ == "__main__":
    # Ctrl+C pressed twice, or held down, would end what the first press has kept with a traceback
    DelayedKeyboardInterrupt.let_only_first_through()
    code = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left to stop
    sys.exit(code)
