"""Make ``docs/course.webp``, a minute through the nine notebooks: ``make animation`` (four minutes).

A scene lays pictures on its canvas and yields a caption, and the seconds for which the canvas is shown as it
then is. The pictures are painted here or cut out of the figures of the notebooks.
"""

from math import ceil
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

import nst_utils as nst
from publish.notebooks import read_lesson
from publish.outputs import cut

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "course.webp"
SIZE = 800, 450
STAGE = 386  # rows for the pictures; caption and line are below
GAP = 10  # between two pictures
PAPER, INK, ACCENT, TRACK = "#fffdf8", "#1d2733", "#b34e08", "#e3ddd0"
QUALITY = 68  # of the pictures in the file; about the best below 2.5 MB
FADE = 1 / 3, 2 / 3  # shares of the next scene in the pictures that lead to it
TICK = 0.5  # seconds after which the line has grown
TRIO = [(51, 20, 168, 168), (51, 198, 168, 168), (229, 20, 519, 346)]  # two small pictures and a large one


def font(size, name="DejaVuSans"):
    """Return a font that comes with Matplotlib."""
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf"), size)


def grid(columns, rows, width, height):
    """Return the boxes of equal pictures in the middle of the stage: left, top, width, height."""
    left = (SIZE[0] - columns * (width + GAP) + GAP) // 2
    top = (STAGE - rows * (height + GAP) + GAP) // 2
    places = [(column, row) for row in range(rows) for column in range(columns)]
    return [(left + x * (width + GAP), top + y * (height + GAP), width, height) for x, y in places]


def put(canvas, pictures, boxes, tags=()):
    """Lay each picture into a box, cut to its shape; the first ones have tags in their lower left corners."""
    for picture, (left, top, width, height) in zip(pictures, boxes, strict=True):
        image = Image.fromarray(nst.to_uint8(picture)) if isinstance(picture, np.ndarray) else picture
        canvas.paste(ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS), (left, top))
    draw = ImageDraw.Draw(canvas)
    for tag, (left, top, _, height) in zip(tags, boxes, strict=False):
        corner = left + 8, top + height - 6
        draw.text(corner, tag, INK, font(20), "ld", stroke_width=5, stroke_fill=PAPER)


def clear(canvas):
    """Take all pictures away."""
    canvas.paste(PAPER, (0, 0, *SIZE))


def parts(notebook, cell, lefts, tops, side, height=None):
    """Cut equal pictures out of the figure of a cell, row by row; all numbers are pixels of the figure."""
    cells = read_lesson(next(ROOT.glob(f"notebooks/{notebook}_*.ipynb"))).notebook.cells
    [outputs] = (found.outputs for found in cells if found.id == cell)
    figure = cut(outputs[0], (0, 0, 1, 1))
    return [figure.crop((x, y, x + side, y + (height or side))) for y in tops for x in lefts]


def start_here(canvas):
    """00: photo, painting, painted photo; then a seam goes over the photo."""
    photo, painting = nst.photo("china", 512), nst.painting("woodblock", 512)
    painted = nst.stylize(photo, painting).picture
    put(canvas, [photo, painting, painted], TRIO)
    yield "Neural style transfer, understood", 3
    for seam in np.linspace(0, photo.shape[1], 9).astype(int):
        put(canvas, [np.hstack([painted[:, :seam], photo[:, seam:]])], TRIO[2:])
        yield "The photo's shapes, the painting's strokes", 0.35 if seam else 1


def layers(canvas):
    """01: what excites channels of five layers most; what the layers keep of a photo."""
    blocks = [f"block{n}" for n in range(1, 6)]
    excited = parts("01", "044", (133, 384, 513, 887, 1016), [50], 110)
    excited += parts("01", "044", (10, 261, 636, 764, 1139), [184], 110)
    put(canvas, excited, grid(5, 2, 144, 144), blocks)
    yield "What excites a channel, layer by layer", 3
    clear(canvas)
    rebuilt = parts("01", "048", (13, 253, 493, 733, 973), [287], 201)
    put(canvas, [nst.photo("astronaut", 384), *rebuilt], grid(3, 2, 168, 168), ["photo", *blocks])
    yield "What each layer keeps of a photo", 3


def gram(canvas):
    """02: Gram matrices of two painters; five paintings, and what noise becomes by their Gram matrices."""
    paintings = parts("02", "015", (11, 223, 434, 645), [31], 178)
    matrices = parts("02", "016", (61, 326, 589, 853), [32], 224)
    put(canvas, paintings + matrices, grid(4, 2, 168, 168))
    yield "Same painter, similar Gram matrix", 3
    clear(canvas)
    put(canvas, parts("02", "044", (30, 217, 405, 593, 781), (30, 234), 179), grid(5, 2, 144, 144))
    yield "The manner, from Gram matrices alone", 3


def loss_terms(canvas):
    """03: the pushes of three terms, then what each does alone."""
    for top, caption in (29, "Each loss term pushes the pixels"), (265, "Thirty steps of one term alone"):
        pictures = parts("03", "042", (29, 245, 461), [top], 208)
        put(canvas, pictures, grid(3, 1, 246, 246), ["pixel", "content", "style"])
        yield caption, 3


def loop(canvas):
    """04: the picture of a run after more and more steps."""
    photo, painting = nst.photo("chelsea", 384), nst.painting("mosaic", 384)
    snapshots = nst.stylize(photo, painting, snapshot_every=1).snapshots
    for step in 1, 2, 4, 6, 9, 12, 16, 20, 25, 30, 40, 50, 60, 75, 78, 82, 88, 100:
        put(canvas, [photo, painting, snapshots[step - 1]], TRIO, ["", "", f"step {step}"])
        yield "The loop changes the photo step by step", 0.35 if step < len(snapshots) else 1.6


def one_pass(canvas):
    """05: one photo in the five paintings by Magenta's network."""
    photo, boxes = nst.photo("coffee", 384), grid(3, 2, 246, 164)
    put(canvas, [photo], boxes[:1], ["photo"])
    for name, box in zip(nst.painting_names(), boxes[1:], strict=True):
        painting, (left, top, width, height) = nst.painting(name, 256), box
        corner = left + width - 60, top + height - 60, 60, 60
        put(canvas, [nst.stylize_fast(photo, painting), painting], [box, corner])
        yield "One pass of a network, any painting", 1 if box != boxes[-1] else 2


def train(canvas):
    """06: a painter while it learns; then photos that it has never seen."""
    stages, boxes = parts("06", "016", (6, 339, 673), (58, 282), 297, 196), grid(3, 2, 246, 164)
    for picture, box, step in zip(stages, boxes, (0, 20, 40, 80, 140, 200), strict=True):
        put(canvas, [picture], [box], [f"step {step}"])
        yield "Your own painter, trained in a minute", 0.5
    put(canvas, parts("06", "022", (284, 538, 792), (29, 389), 248, 165), boxes)
    yield "It paints photos it has never seen", 3.4


def control(canvas):
    """07: a painting for the sky and one for the rest; a film."""
    photo, paintings = nst.photo("china", 384), [nst.painting(name, 384) for name in ("swirls", "woodblock")]
    ground, sky = nst.find_regions(photo, 2)
    put(canvas, [*paintings, nst.stylize(photo, paintings, mask=[sky, ground]).picture], TRIO)
    yield "Sky in swirls, the rest in woodblock", 3
    clear(canvas)
    frames = nst.sample_film(12, 384, start=32)
    painted = nst.stylize_film(frames, lambda frame: nst.stylize_fast(frame, paintings[0]))
    for pair in zip(frames, painted, strict=True):
        put(canvas, pair, grid(2, 1, 375, 211))
        yield "In a film, the strokes follow the motion", 0.25


def beyond_gram(canvas):
    """08: a photo and a painting in four losses."""
    photo, painting = nst.photo("china", 256), nst.painting("mosaic", 256)
    losses = "mean and spread", "gram", "sliced wasserstein", "nearest neighbors"
    painted = [nst.stylize(photo, painting, style_loss=loss).picture for loss in losses]
    put(canvas, [photo, painting, *painted], grid(3, 2, 246, 164), ["photo", "painting", *losses])
    yield "One photo, painted by four losses", 4


def end(canvas):
    """Show results, what to do now, and whose pictures these were."""
    draw = ImageDraw.Draw(canvas)
    put(canvas, [Image.open(ROOT / "docs" / "strip.jpg")], [(20, 40, 760, 163)])
    draw.text((400, 260), "make lab", ACCENT, font(48, "DejaVuSansMono-Bold"), "mm")
    draw.text((400, 336), "Photos: Daniel Büchele, vultilion, CC BY 2.0", INK, font(18), "mm")
    draw.text((400, 362), "Film: Big Buck Bunny, © Blender Foundation, CC BY 3.0", INK, font(18), "mm")
    yield "Nine notebooks. No GPU needed.", 4


SCENES = start_here, layers, gram, loss_terms, loop, one_pass, train, control, beyond_gram, end


def shots():
    """Yield everything that is shown, without the line, and the seconds for which it is."""
    before = None
    for number, scene in enumerate(SCENES):
        canvas = Image.new("RGB", SIZE, PAPER)
        for caption, seconds in scene(canvas):
            faded = [(Image.blend(before, canvas, share), 0.1) for share in FADE] if before else []
            before = None
            for shot, shown in [*faded, (canvas.copy(), seconds)]:
                draw = ImageDraw.Draw(shot)
                draw.text((20, 405), caption, INK, font(32), "lm")
                if scene is not end:
                    draw.text((780, 405), f"{number:02}", ACCENT, font(32), "rm")
                yield shot, shown
        before = canvas


def film():
    """Return the frames of the animation, in which the line grows, and their milliseconds."""
    pieces = []
    for shot, seconds in shots():
        ticks = ceil(seconds / TICK)
        pieces += [(shot, seconds / ticks)] * ticks
    ends, frames = np.cumsum([seconds for _, seconds in pieces]), []
    for (shot, _), elapsed in zip(pieces, ends, strict=True):
        frames.append(shot.copy())
        draw = ImageDraw.Draw(frames[-1])
        draw.rectangle((0, 442, *SIZE), TRACK)
        draw.rectangle((0, 442, SIZE[0] * elapsed / ends[-1], SIZE[1]), ACCENT)
    return frames, np.diff(np.rint(1000 * ends), prepend=0).astype(int).tolist()


if __name__ == "__main__":
    (first, *others), durations = film()
    first.save(
        FILE, save_all=True, append_images=others, duration=durations, loop=0,
        quality=QUALITY, method=6, minimize_size=True,
    )  # fmt: skip
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes, {sum(durations) / 1000:.1f} s")
