"""Measure the loop against TensorFlow's tutorial and write RESULTS.md; run by ``make bench`` (25 minutes)."""

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil

import nst_utils as nst
from nst_utils.base.hardware import fastest_precision
from nst_utils.base.tensorflow import tf
from nst_utils.loop import PictureOptimizer, minimize
from nst_utils.losses import CONTENT_LAYERS, STYLE_LAYERS
from nst_utils.plots.theme import new_figure
from tutorial import CourseLoss, TutorialLoss, make_tutorial_step

HERE = Path(__file__).resolve().parent
PAIRS = ("astronaut", "swirls"), ("chelsea", "mosaic")  # the second one was not tuned to
SIZES = 256, 384, 512
RACE_SIZE, MARKS, COURSE_STEPS = 256, (100, 300, 1000), 300
RATE_SIZE = 384
FAST = fastest_precision()


def pictures(size, pair=PAIRS[0]):
    """Load a pair; both at the same longer side."""
    return nst.photo(pair[0], size), nst.painting(pair[1], size)


def median_seconds(functions, rounds=7):
    """Median seconds per call of each function; rounds go forward and back, so that drift cancels."""
    times = {name: [] for name in functions}
    for function in functions.values():
        function(), function()  # tracing, and the first use of every buffer
    for turn in range(rounds):
        for name in list(functions)[:: 1 if turn % 2 else -1]:
            start = time.perf_counter()
            functions[name]()
            times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in times.items()}


def step_seconds(size):
    """Seconds per step: the tutorial, the same loss here, and the course's default loss."""
    content, style = pictures(size)
    image = tf.Variable(content[None])
    functions = {"tutorial": make_tutorial_step(TutorialLoss(content, style), image)}
    for precision in dict.fromkeys(("float32", FAST)):
        extractor = nst.FeatureExtractor((*CONTENT_LAYERS, *STYLE_LAYERS), precision=precision)
        losses = {"tutorial's loss": CourseLoss(content, style, precision),
                  "default loss": nst.StyleTransferLoss(extractor, content, style)}  # fmt: skip
        for name, loss in losses.items():
            for optimizer, rate in (("adam", 0.05), ("lbfgs", 0.05)):
                descent = PictureOptimizer(loss, content, optimizer, 100, rate, "cosine")
                functions[f"{name}, {precision}, {optimizer}"] = descent.step
    return median_seconds(functions)


def matmul_rates():
    """Measure billions of operations per second of a 2048 × 2048 matrix product."""
    side, rates = 2048, {}
    for name in dict.fromkeys(("float32", FAST)):
        left, right = (tf.cast(tf.random.normal((side, side), seed=s), name) for s in (0, 1))
        product = tf.function(lambda left=left, right=right: tf.matmul(left, right))
        rates[name] = 2 * side**3 / median_seconds({"": product}, rounds=15)[""] / 1e9
    return rates


def convolution_operations(size, deepest):
    """Billions of operations of one forward and backward pass through VGG19 up to a layer."""
    layers = nst.features.vgg_layers()
    end = 1 + [layer.name for layer in layers].index(deepest)
    kernels = {layer: layer.parameters - layer.channels for layer in layers[:end] if layer.parameters}
    return sum(2 * 2 * kernel * (size / layer.jump) ** 2 for layer, kernel in kernels.items()) / 1e9


def race_tutorial(pair):
    """Run the tutorial for 1000 steps; seconds and losses after every step."""
    content, style = pictures(RACE_SIZE, pair)
    start = time.perf_counter()
    image = tf.Variable(content[None])
    step = make_tutorial_step(TutorialLoss(content, style), image)
    seconds, losses = [], []
    for _ in range(max(MARKS) + 1):  # the loss of a step is that of the picture before it
        losses.append(float(step()))
        seconds.append(time.perf_counter() - start)
    # the picture that has the loss of step k + 1 existed after step k
    return np.array(seconds[:-1]), np.array(losses[1:])


def race_course(pair, judge):
    """Run L-BFGS on the same loss; seconds, and the losses of its pictures in float32."""
    content, style = pictures(RACE_SIZE, pair)
    start = time.perf_counter()
    loss = CourseLoss(content, style)
    before = time.perf_counter() - start
    run = minimize(loss, content, optimizer="lbfgs", steps=COURSE_STEPS, snapshot_every=10)
    seconds = before + run.history["seconds"][9::10]
    return seconds, np.array([float(judge(tf.constant(picture[None]))) for picture in run.snapshots])


def seconds_until(seconds, losses, target):
    """Time at which a falling curve reaches a loss, between its points by interpolation of the logarithm."""
    below = np.flatnonzero(losses <= target)
    if not below.size:
        return np.nan
    at = below[0]
    if at == 0:
        return seconds[0]
    share = np.log(losses[at - 1] / target) / np.log(losses[at - 1] / losses[at])
    return seconds[at - 1] + share * (seconds[at] - seconds[at - 1])


def peak_memory(what, size):
    """Peak resident memory of a process that makes three steps, in GiB."""
    code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import run; run.three_steps({what!r}, {size})"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return float(output) / 2**30


def three_steps(what, size):
    """Print the peak memory of this process after three steps (run in a process of its own, on Linux)."""
    content, style = pictures(size)
    if what == "tutorial":
        step = make_tutorial_step(TutorialLoss(content, style), tf.Variable(content[None]))
    else:
        step = PictureOptimizer(CourseLoss(content, style), content, what, 3, 0.05, "cosine").step
    for _ in range(3):
        step()
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) * 1024)


def machine():
    """One line about this computer."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = (line for line in info.read_text().splitlines() if line.startswith("model name"))
        model = next(lines).split(":")[1].strip()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gigabytes = psutil.virtual_memory().total / 2**30
    return (
        f"{cores} cores of {model}, {gigabytes:.0f} GiB, {platform.system()}, Python"
        f" {platform.python_version()}, TensorFlow {tf.__version__}; fast format: {FAST}"
    )


def plot_races(races):
    """Loss against seconds, both logarithmic: one panel a pair."""
    figure = new_figure(12, 5.2)
    for axes, (pair, (tutorial, courses)) in zip(figure.subplots(1, len(races)), races.items(), strict=True):
        axes.loglog(*tutorial, color="#D55E00", linewidth=2, label="TensorFlow's tutorial")
        for course, style, label in zip(courses, ("-", "--"), ("nst_utils, L-BFGS", None), strict=True):
            axes.loglog(*course, style, color="#0072B2", linewidth=2, label=label)
        for mark in MARKS:
            axes.axhline(tutorial[1][mark - 1], color="0.8", linewidth=1, zorder=0)
            axes.annotate(
                f"tutorial after {mark} steps", (0, tutorial[1][mark - 1]),
                xycoords=("axes fraction", "data"), xytext=(4, 3), textcoords="offset points",
                fontsize=10, color="0.4",
            )  # fmt: skip
        axes.set(xlabel="seconds, set-up included", ylabel="the tutorial's loss, in float32",
                 title=f"{pair[0]} in {pair[1]}, {RACE_SIZE} px")  # fmt: skip
        axes.legend(frameon=False, loc="upper right")
    figure.savefig(HERE / "race.png", dpi=96)


def table(header, rows):
    """A Markdown table."""
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main():
    """Measure everything, then write the report."""
    print(machine(), flush=True)
    steps = {size: step_seconds(size) for size in SIZES}
    print({size: {k: round(v, 4) for k, v in row.items()} for size, row in steps.items()}, flush=True)
    rates = matmul_rates()
    print(rates, flush=True)
    memory = {what: peak_memory(what, RATE_SIZE) for what in ("tutorial", "adam", "lbfgs")}
    print(memory, flush=True)

    races = {}
    for pair in PAIRS:
        judge = tf.function(TutorialLoss(*pictures(RACE_SIZE, pair)))
        first, tutorial, second = race_course(pair, judge), race_tutorial(pair), race_course(pair, judge)
        races[pair] = tutorial, (first, second)
    plot_races(races)
    text = report(steps, rates, memory, races)
    (HERE / "RESULTS.md").write_text(text)
    print(text)


def report(steps, rates, memory, races):
    """The text of RESULTS.md."""
    step_rows = []
    for name in steps[SIZES[0]]:
        times = [(steps[size][name], steps[size]["tutorial"] / steps[size][name]) for size in SIZES]
        step_rows.append([name, *(f"{seconds:.3f} ({ratio:.2f})" for seconds, ratio in times)])
    race_rows = []
    for pair, (tutorial, courses) in races.items():
        for mark in MARKS:
            target, theirs = tutorial[1][mark - 1], tutorial[0][mark - 1]
            ours = [seconds_until(*course, target) for course in courses]
            race_rows.append([" in ".join(pair), mark, f"{target:.3e}", f"{theirs:.0f}",
                              " and ".join(f"{s:.1f}" for s in ours),
                              f"{theirs / np.mean(ours):.1f}"])  # fmt: skip
    work = convolution_operations(RATE_SIZE, "block5_conv2")
    rate_rows = []
    for name, precision in (("tutorial", "float32"), (f"tutorial's loss, {FAST}, adam", FAST)):
        rate = work / steps[RATE_SIZE][name]
        rate_rows.append([name, f"{rate:.0f}", f"{rates[precision]:.0f}", f"{rate / rates[precision]:.0%}"])
    return f"""# Benchmark

Written by `make bench`. {machine()}.

The pair, where none is named, is `{PAIRS[0][0]}` and `{PAIRS[0][1]}`. *Tutorial* is TensorFlow's
style-transfer tutorial, written from its formulas in `tutorial.py`, in float32. Everything on this page was
measured in one process (peak memory: one process each), in balanced order.

## Seconds per step

In brackets: how many times faster than the tutorial. *Tutorial's loss* goes as deep into the network
(block5_conv2), *default loss* is that of `nst_utils.stylize` (block5_conv1).

{table(["", *(f"{size} px" for size in SIZES)], step_rows)}

## Seconds to the same loss

Both minimize the tutorial's loss from the content picture at {RACE_SIZE} px; both clocks start before the
targets are computed. Every picture is judged by the same float32 loss. nst_utils ran twice, before and after
the tutorial: `minimize(loss, content, optimizer="lbfgs")`, in {FAST}, without coarse to fine.

{table(["pair", "tutorial's steps", "its loss", "its seconds", "nst_utils, seconds", "faster"], race_rows)}

![Loss against seconds on logarithmic axes; for both pairs nst_utils lies far to the left](race.png)

## Share of the processor's rate

Billions of operations per second of the convolutions in one step ({work:.0f} billion, forward and backward
to block5_conv2, at {RATE_SIZE} px), beside the measured rate of a 2048 × 2048 matrix product in the same
number format. The whole step's time is counted, not the convolutions' alone.

{table(["step", "rate", "matrix product", "share"], rate_rows)}

## Peak memory at {RATE_SIZE} px

The whole process, TensorFlow and network included.

{table(["", "GiB"], [[name, f"{value:.2f}"] for name, value in memory.items()])}
"""


if __name__ == "__main__":
    main()
