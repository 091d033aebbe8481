"""Whatever ends a run, nothing that it reached is lost."""

import contextlib
import copy
import itertools
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from plain_words import check_message, refused

import nst_utils
from nst_utils import __main__ as command_line
from nst_utils import loop
from nst_utils.base import interrupts
from nst_utils.base.tensorflow import keras, tf
from nst_utils.pictures import arrays, files

ROOT = Path(__file__).resolve().parents[2]
CONTENT_LAYERS, STYLE_LAYERS = ("block1_conv2",), ("block1_conv1", "block2_conv1")


@pytest.fixture(autouse=True)
def each_press_is_the_first(monkeypatch):
    """Tests press the key every few seconds."""
    monkeypatch.setattr(interrupts, "PRESS_AGAIN", 0)
    monkeypatch.setattr(interrupts.DelayedKeyboardInterrupt, "_last_end", -np.inf)


@pytest.fixture(scope="module")
def small():
    """Two pictures and the settings of a run that is over soon."""
    extractor = nst_utils.FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS)
    options = {"content_layers": CONTENT_LAYERS, "style_layers": STYLE_LAYERS, "extractor": extractor}
    return nst_utils.photo("astronaut", 48), nst_utils.painting("swirls", 48), options


@pytest.fixture(scope="module")
def whole(small):
    content, style, options = small
    return nst_utils.stylize(content, style, steps=6, **options)


def press_at(*steps):
    """A callback that presses the key itself, so that the interpreter's own handler is at work."""

    def press(iterate):
        if iterate.step in steps:
            signal.raise_signal(signal.SIGINT)

    return press


def brightness(batch):
    return tf.reduce_mean(tf.square(batch - 0.25))


def assert_same(run, other):
    assert len(run.history["total"]) == len(other.history["total"])
    np.testing.assert_allclose(run.history["total"], other.history["total"], rtol=1e-3)
    assert np.abs(run.picture - other.picture).mean() < 2e-3


# Any moment: every line that a run executes is once the one at which the key is pressed


class QuickOptimizer:
    """Stands for the compiled step, so that hundreds of runs take seconds."""

    made = made_before = 0

    def __init__(self, _loss, start, *_):
        self.image, self.value = tf.Variable(start[np.newaxis]), 1.0

    def step(self):
        QuickOptimizer.made += 1
        self.value *= 0.9
        return {"total": self.value}

    def look(self):
        pass

    def best(self):
        return np.full(self.image.shape[1:], self.value, np.float32)

    def lowest(self):
        return self.value

    def state(self):
        return [np.float64(self.value)]

    def restore(self, state):
        [self.value] = state


@pytest.fixture
def quick(monkeypatch):
    """A run of two levels in milliseconds, and how to go on with it."""
    monkeypatch.setattr(loop, "PictureOptimizer", QuickOptimizer)
    targets = SimpleNamespace(content_targets={}, style_targets={})
    monkeypatch.setattr(loop, "StyleTransferLoss", lambda *_, **__: targets)
    monkeypatch.setattr(loop, "choose_tile", lambda *_: None)
    content = np.zeros((264, 16, 3), np.float32)
    extractor = object.__new__(nst_utils.FeatureExtractor)  # without a network
    extractor.source, extractor.precision = "none", "float32"

    def go():
        QuickOptimizer.made = 0
        return nst_utils.stylize(content, content, steps=4, extractor=extractor)

    return go, lambda run: nst_utils.resume(run, content, content, extractor=extractor)


RUN_MODULES = ("loop", "runs/recorder", "runs/record", "base/interrupts")


def press_at_lines(numbers, work):
    """Do the work and press the key before the lines with these numbers; returns how many there were."""
    files = {str(Path(nst_utils.__file__).parent / f"{module}.py") for module in RUN_MODULES}
    count = itertools.count()

    def trace(frame, event, _):
        if frame.f_code.co_filename not in files:
            return None
        if event == "line" and next(count) in numbers:
            QuickOptimizer.made_before = QuickOptimizer.made
            signal.raise_signal(signal.SIGINT)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return work(), next(count)
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("later", [(), (1, 3, 9)], ids=["once", "again and again"])
def test_the_key_at_any_line_of_a_run_loses_no_step(quick, later):
    go, go_on = quick
    complete, lines = press_at_lines((), go)
    for number in range(lines):
        try:
            run, _ = press_at_lines((number, *(number + more for more in later)), go)
        except KeyboardInterrupt:
            assert not QuickOptimizer.made, f"lost by line {number} of {lines}"
            continue
        if run.interrupted:
            arrays.check_picture(run.picture)
            assert len(run.history.get("total", ())) == QuickOptimizer.made
            assert QuickOptimizer.made <= QuickOptimizer.made_before + 1, "it went on"
            run = go_on(run)
        else:
            assert QuickOptimizer.made_before >= 3, "it went on"
        np.testing.assert_array_equal(run.history["total"], complete.history["total"])
        np.testing.assert_array_equal(run.picture, complete.picture)


@pytest.mark.parametrize("moment", ["FeatureExtractor", "StyleTransferLoss", "PictureOptimizer"])
def test_the_key_before_the_first_step_leaves_the_process_as_it_was(small, whole, monkeypatch, moment):
    """While weights load there is nothing to keep; while the step is compiled, the record of no step."""
    content, style, options = small
    work = getattr(loop, moment)

    def pressed(*arguments, **named):
        signal.raise_signal(signal.SIGINT)
        return work(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(loop, moment, pressed)
        if moment == "FeatureExtractor":
            with pytest.raises(KeyboardInterrupt):
                nst_utils.stylize(content, style)
        else:
            run = nst_utils.stylize(content, style, steps=6, **options)
            assert run.interrupted
            start = nst_utils.initial_picture("recolored content", content, style)
            np.testing.assert_array_equal(run.picture, start)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert_same(nst_utils.stylize(content, style, steps=6, **options), whole)


def test_the_key_while_the_first_step_is_traced_harms_no_later_run(photo):
    pressed = []

    def loss(batch):
        if not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)
        return brightness(batch)

    run = loop.minimize(loss, photo, steps=3)
    assert run.interrupted
    assert run.history == {}
    assert run.picture is not photo
    assert len(loop.minimize(loss, photo, steps=3).history["total"]) == 3


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
def test_a_callback_that_takes_long_is_interrupted_at_once(photo):
    def wait(_):
        press = signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]
        threading.Timer(0.1, *press).start()
        time.sleep(20)

    start = time.perf_counter()
    run = loop.minimize(brightness, photo, steps=5, callback=wait, every=2)
    assert run.interrupted
    assert len(run.history["total"]) == 2
    assert time.perf_counter() - start < 19


def test_a_press_while_a_finalizer_runs_ends_the_run_without_a_traceback(photo, monkeypatch):
    class Finalized:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    said = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    run = loop.minimize(brightness, photo, steps=5, callback=lambda _: Finalized() and None, every=2)
    assert run.interrupted
    assert len(run.history["total"]) == 2
    assert said == []
    assert sys.unraisablehook == said.append


def test_one_press_ends_a_run_with_a_line_and_two_end_the_cell(small, monkeypatch, capsys):
    """A cell with many runs: the next one begins before the learner has read that line."""
    content, style, options = small
    stop, runs = press_at(3), []

    def cell():
        for _ in range(4):
            runs.append(nst_utils.stylize(content, style, steps=6, callback=stop, every=1, **options))

    monkeypatch.setattr(interrupts, "PRESS_AGAIN", 10)
    with pytest.raises(KeyboardInterrupt) as caught:
        cell()
    [run], [note] = runs, caught.value.__notes__
    assert run.interrupted
    assert capsys.readouterr().out == (
        "Stopped after 3 of 6 steps; the best picture so far is kept."
        " nst.resume(run, content, style, extractor=extractor) goes on from it."
        " To stop the whole cell, press again within 10 seconds.\n"
    )
    assert "sys.last_value.run" in note
    assert_same(caught.value.run, run)
    assert nst_utils.stylize(content, style, steps=6, callback=stop, every=1, **options).interrupted  # anew


def test_a_second_press_while_the_next_run_is_prepared_stops_the_cell(photo, monkeypatch):
    monkeypatch.setattr(interrupts, "PRESS_AGAIN", 10)
    assert loop.minimize(brightness, photo, steps=3, callback=press_at(1), every=1).interrupted

    def pressed(*_):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(loop, "PictureOptimizer", pressed)
    with pytest.raises(KeyboardInterrupt):
        loop.minimize(brightness, photo, steps=3)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_runs_that_code_ends_are_no_presses(photo, monkeypatch):
    monkeypatch.setattr(interrupts, "PRESS_AGAIN", 10)

    def end(_):
        raise KeyboardInterrupt

    assert all(loop.minimize(brightness, photo, steps=3, callback=end, every=1).interrupted for _ in range(3))


def test_an_own_handler_of_the_key_is_left_alone(photo):
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        run = loop.minimize(brightness, photo, steps=3, callback=press_at(1), every=1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [True]
    assert not run.interrupted


# Errors: a mistake in a callback, a loss that is no number


def test_a_mistake_in_a_callback_is_shown_and_carries_the_run(small, whole):
    content, style, options = small

    def misspelled(iterate):
        if iterate.step == 4:
            iterate.pictures.mean()

    with pytest.raises(AttributeError, match="no attribute 'pictures'") as caught:
        nst_utils.stylize(content, style, steps=6, callback=misspelled, every=1, **options)
    run, [note] = caught.value.run, caught.value.__notes__
    assert "sys.last_value.run" in note
    assert "nst.resume(run, content, style, extractor=extractor) goes on from it." in note
    check_message(note.replace("\n", " "))
    assert len(run.history["total"]) == 4
    assert_same(nst_utils.resume(run, content, style, extractor=options["extractor"]), whole)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_mistake_in_a_callback_of_minimize_carries_the_run_too(photo):
    with pytest.raises(ZeroDivisionError) as caught:
        loop.minimize(brightness, photo, steps=6, callback=lambda i: 1 / (i.step - 4), every=1)
    assert len(caught.value.run.history["total"]) == 4
    assert "resume" not in caught.value.__notes__[0]


def test_an_error_before_the_first_step_carries_nothing(small):
    content, style, options = small
    with pytest.raises(ValueError, match="style_weight") as caught:
        nst_utils.stylize(content, style, style_weight=-1, **options)
    assert not hasattr(caught.value, "run")
    assert not hasattr(caught.value, "__notes__")


def test_a_loss_that_becomes_no_number_keeps_the_best_picture_before_it(small):
    content, style, options = small
    with pytest.raises(FloatingPointError, match="at step 3.*tenth of the learning rate") as caught:
        nst_utils.stylize(content, style, style_weight=9e29, **options)
    check_message(str(caught.value))
    run = caught.value.run
    arrays.check_picture(run.picture)
    assert len(run.history["total"]) == 2
    with refused(ValueError, "initial=run.picture"):
        nst_utils.resume(run, content, style, extractor=options["extractor"])


def test_a_loss_that_is_no_number_from_the_start_is_not_blamed_on_the_rate(small):
    with pytest.raises(FloatingPointError, match="at step 1.*smaller weights") as caught:
        loop.minimize(lambda batch: tf.reduce_mean(batch) * np.inf, small[0], steps=3)
    check_message(str(caught.value))
    assert not hasattr(caught.value, "run")


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs"])
def test_an_absurd_learning_rate_ends_in_a_picture_or_in_a_sentence(small, optimizer):
    content, style, options = small
    try:
        run = nst_utils.stylize(content, style, steps=6, optimizer=optimizer, learning_rate=9e29, **options)
    except FloatingPointError as error:
        check_message(str(error))
        run = error.run
    arrays.check_picture(run.picture)


# Two runs at once, one inside the other, and what a learner does with what a run gave or was given


def test_two_runs_in_threads_end_as_one_after_the_other(small, whole):
    content, style, options = small
    mirrored = nst_utils.stylize(content[:, ::-1], style, steps=6, **options)
    runs = {}

    def work(name, picture):
        runs[name] = nst_utils.stylize(picture, style, steps=6, **options)

    threads = [threading.Thread(target=work, args=("plain", content)),
               threading.Thread(target=work, args=("mirrored", content[:, ::-1]))]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_same(runs["plain"], whole)
    assert_same(runs["mirrored"], mirrored)


def test_a_run_inside_a_callback_of_another_disturbs_neither(small, whole):
    content, style, options = small
    inner = []

    def start_another(iterate):
        if iterate.step == 2:
            stop = press_at(3)
            inner.append(nst_utils.stylize(content, style, steps=6, callback=stop, every=1, **options))

    outer = nst_utils.stylize(content, style, steps=6, callback=start_another, every=1, **options)
    assert_same(outer, whole)
    assert inner[0].interrupted
    assert_same(nst_utils.resume(inner[0], content, style, extractor=options["extractor"]), whole)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda run: pickle.loads(pickle.dumps(run))])
def test_a_copied_or_pickled_run_goes_on(small, whole, duplicate):
    content, style, options = small
    run = nst_utils.stylize(content, style, steps=6, callback=press_at(3), every=1, **options)
    resumed = nst_utils.resume(duplicate(run), content, style, extractor=options["extractor"])
    assert_same(resumed, whole)
    assert_same(duplicate(resumed), whole)


def test_pictures_changed_in_place_do_not_reach_into_a_run(small):
    _, _, options = small
    content, style = nst_utils.photo("coffee", 264), nst_utils.painting("ink", 264)
    given, options = (content.copy(), style.copy()), options | {"steps": 5, "snapshot_every": 1}
    complete = nst_utils.stylize(content, style, **options)

    def spoil(iterate):
        for picture in (iterate.picture, *given):
            picture[:] = 0
        iterate.losses.clear()
        if iterate.step == 2:
            signal.raise_signal(signal.SIGINT)

    run = nst_utils.stylize(*given, callback=spoil, every=1, **options)
    run.picture[:] = 0
    resumed = nst_utils.resume(run, content, style, extractor=options["extractor"])
    assert_same(resumed, complete)
    for kept, expected in zip(resumed.snapshots, complete.snapshots, strict=True):
        assert np.abs(kept - expected).mean() < 2e-3


def test_the_record_of_no_step_does_not_hold_the_learners_own_picture(small, whole, monkeypatch):
    content, style, options = small
    given = content.copy()

    def pressed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop, "StyleTransferLoss", pressed)
        run = nst_utils.stylize(given, style, steps=6, **options)
    given[:] = 0
    assert_same(nst_utils.resume(run, content, style, extractor=options["extractor"]), whole)


# Switches that a learner, a lecturer's notebook or another package may have thrown


@contextlib.contextmanager
def eager():
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@contextlib.contextmanager
def session_cleared():
    keras.backend.clear_session()
    yield


@contextlib.contextmanager
def half_precision_policy():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


SWITCHES = [eager, session_cleared, half_precision_policy]


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.__name__)
def test_a_run_minds_no_switch(small, whole, switch):
    content, style, options = small
    with switch():
        assert_same(nst_utils.stylize(content, style, steps=6, **options), whole)
        extractor = nst_utils.FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS)
        again = nst_utils.stylize(content, style, steps=6, **options | {"extractor": extractor})
        assert_same(again, whole)
        lbfgs = options | {"optimizer": "lbfgs", "initial": "noise"}
        arrays.check_picture(nst_utils.stylize(content, style, steps=3, **lbfgs).picture)


STRICT = """
import sys
import numpy as np
import nst_utils as nst
from nst_utils.base.tensorflow import tf
tf.random.set_seed(1)
tf.config.experimental.enable_op_determinism()
layers = ("block1_conv1", "block1_conv2")
extractor = nst.FeatureExtractor(layers, weights="random")
options = {"content_layers": layers[1:], "style_layers": layers[:1], "extractor": extractor, "steps": 4}
photo, painting = nst.photo("astronaut", 48), nst.painting("swirls", 48)
for optimizer in ("adam", "lbfgs"):
    runs = [nst.stylize(photo, painting, optimizer=optimizer, **options) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].picture, runs[1].picture)
print("equal")
"""


@pytest.mark.slow
@pytest.mark.parametrize("stderr", ["pipe", "none"])
def test_a_run_is_deterministic_on_demand_and_needs_no_terminal(stderr):
    """With its progress bar, into a pipe, and in a program that has no stderr."""
    closing = {"pipe": [], "none": ["sh", "-c", 'exec "$0" "$@" 2>&-']}[stderr]
    result = subprocess.run(
        [*closing, sys.executable, "-c", STRICT], capture_output=True, text=True, timeout=120,
        cwd=ROOT, env={**os.environ, "NST_PROGRESS": "1"},
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, "equal\n"), result.stderr
    assert result.stderr.count("4 steps in ") == (4 if stderr == "pipe" else 0)


INTERRUPTED_IMPORT = """
import os, signal, threading, time
import nst_utils as nst
threading.Timer({seconds}, os.kill, [os.getpid(), signal.SIGINT]).start()
try:
    nst.stylize
    time.sleep(30)
except KeyboardInterrupt:
    print("stopped")
batch = nst.FeatureExtractor("block1_conv1", weights="random")(nst.photo("astronaut", 32))
nst.plots.show_pictures([nst.photo("astronaut", 32)])
print(*batch)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.1, 0.7, 1.5, 2.5])
def test_the_key_while_tensorflow_is_imported_does_not_cost_the_kernel(seconds):
    code = [sys.executable, "-c", INTERRUPTED_IMPORT.format(seconds=seconds)]
    result = subprocess.run(code, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert (result.returncode, result.stdout) == (0, "stopped\nblock1_conv1\n"), result.stderr
    assert result.stderr == ""


# The command line, as a process that is really sent signals

COMMAND = [sys.executable, "-m", "nst_utils", "stylize", "chelsea", "mosaic", "--size", "264"]


def begin(folder, steps):
    """Start the command on a terminal and wait until its progress bar says that some steps are made."""
    termios = pytest.importorskip("termios")
    terminal, stderr = os.openpty()
    termios.tcsetwinsize(stderr, (25, 80))
    process = subprocess.Popen(
        [*COMMAND, "--steps", "400", "-o", str(folder / "out.png")], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=stderr, env={**os.environ, "NST_PROGRESS": "1"},
    )  # fmt: skip
    os.close(stderr)
    shown = ""
    while not any(f"| {step}/400" in shown for step in range(steps, steps + 20)):
        shown += os.read(terminal, 1000).decode(errors="replace")
    return process, terminal


@pytest.mark.slow
@pytest.mark.parametrize("is_held", [False, True])
def test_a_stopped_command_saves_the_best_picture_and_says_so(tmp_path, is_held):
    process, terminal = begin(tmp_path, 3)

    def press():
        process.send_signal(signal.SIGINT)
        while is_held and process.poll() is None:  # up to Python's last moment
            time.sleep(0.005)
            process.send_signal(signal.SIGINT)

    (finger := threading.Thread(target=press)).start()
    err = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal so
        while piece := os.read(terminal, 1000):
            err += piece
    os.close(terminal)
    out, _ = process.communicate(timeout=30)
    finger.join()
    assert (process.returncode, b"Traceback" in err) == (0, False), err
    assert "264 × 176, interrupted, best picture so far" in out
    assert nst_utils.load_image(tmp_path / "out.png").shape == (176, 264, 3)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("in_finalizer", [False, True])
def test_a_second_press_between_run_and_file_costs_a_command_nothing(
    in_finalizer, small, tmp_path, monkeypatch, capsys
):
    class Finalized:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def pressed_after(*_, **settings):
        run = stylize(*small[:2], **small[2], callback=press_at(3), every=1, **settings)
        Finalized() if in_finalizer else signal.raise_signal(signal.SIGINT)
        return run

    said, stylize = [], loop.stylize
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    monkeypatch.setattr(loop, "stylize", pressed_after)
    path = tmp_path / "out.png"
    assert command_line.main(["stylize", "coffee", "mosaic", "--size", "48", "-o", str(path)]) == 0
    assert (path.exists(), said) == (True, [])
    assert "interrupted" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1.1, 3.7])
def test_a_command_stopped_at_any_moment_ends_soon_with_a_sentence(tmp_path, seconds):
    command = [*COMMAND, "--steps", "6", "-o", str(tmp_path / "out.png")]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    start = time.perf_counter()
    out, err = process.communicate(timeout=60)
    assert time.perf_counter() - start < 15
    if process.returncode == 130:
        assert (out, err) == (
            "", "Stopped before there was a result. Run the same command to begin again.\n"
        )  # fmt: skip
        assert list(tmp_path.iterdir()) == []
    else:
        assert (process.returncode, err) == (0, "")
        assert [path.name for path in tmp_path.iterdir()] == ["out.png"]


SAVING = """
import sys, time
from PIL import Image
import nst_utils as nst
def half(self, file, *_, **__):
    file.write(b"half a picture")
    file.flush()
    print("ready", flush=True)
    time.sleep(60)
Image.Image.save = half
nst.save_image(nst.photo("coffee", 32), sys.argv[1])
"""


def test_a_program_that_is_terminated_while_it_saves_leaves_the_old_picture_whole(tmp_path):
    path = files.save_image(np.zeros((20, 24, 3), np.float32), tmp_path / "out.png")
    before = path.read_bytes()
    command = [sys.executable, "-c", SAVING, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.terminate()
    assert path.read_bytes() == before
