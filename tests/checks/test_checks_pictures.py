"""Every check accepts right answers, tells unsolved stubs apart, and names the usual mistakes."""

import numpy as np
import pytest

from nst_utils import checks


def verdict_is(verdict, hint):
    """Whether a verdict rejects with this hint, and a notebook shows just that text."""
    return not verdict.passed and verdict.text.startswith("❌") and hint in repr(verdict)


@pytest.mark.parametrize("check", [checks.check_from_opencv, checks.check_brighten])
def test_unsolved_stubs_are_neither_right_nor_wrong(check):
    verdict = check(lambda *arguments: ...)
    assert not verdict.passed
    assert "not solved yet" in repr(verdict)


@pytest.mark.parametrize(
    "answer",
    [
        lambda a: a[..., ::-1].astype(np.float32) / 255,
        lambda a: np.flip(a, axis=2).astype("float32") / np.float32(255),
        lambda a: np.float32(a[:, :, [2, 1, 0]] / 255),
    ],
)
def test_from_opencv_accepts_every_right_way(answer):
    assert checks.check_from_opencv(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda a: a.astype(np.float32) / 255, "still BGR"),
        (lambda a: a[..., ::-1].astype(np.float32) / 256, "must become 1.0"),
        (lambda a: a[::-1].astype(np.float32) / 255, "rows are reversed"),
        (lambda a: a[:, ::-1].astype(np.float32) / 255, "mirrored"),
        (lambda a: a[::-1, ::-1, ::-1].astype(np.float32) / 255, "only the last one"),
        (lambda a: a[..., ::-1].astype(np.float32), "Divide by 255"),
        (lambda a: a[..., ::-1] // 255, "divide after that"),
        (lambda a: a[..., ::-1] / 255, "float32"),
        (lambda a: a.transpose(2, 0, 1).astype(np.float32) / 255, "stays where it is"),
        (lambda a: a[..., [1, 2, 0]].astype(np.float32) / 255, "reverse the last axis"),
    ],
)
def test_from_opencv_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_from_opencv(answer), hint)


@pytest.mark.parametrize(
    "answer",
    [
        lambda a, n: np.clip(a.astype(int) + n, 0, 255).astype(np.uint8),
        lambda a, n: np.uint8(np.clip(a * 1.0 + n, 0, 255)),
        lambda a, n: np.rint(255 * np.clip(a / 255 + n / 255, 0, 1)).astype("uint8"),
    ],
)
def test_brighten_accepts_right_ways(answer):
    assert checks.check_brighten(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda a, n: a + np.uint8(n), "convert before adding"),
        (lambda a, n: np.clip(a + np.uint8(n), 0, 255), "convert before adding"),
        (lambda a, n: np.clip(a.astype(int) + n, 0, 255), "Finish with .astype"),
        (lambda a, n: np.clip(a / 255 + n / 255, 0, 1).astype(np.uint8), "not 0 to 1"),
        (lambda a, n: np.minimum(a.astype(int) + n, 255).astype(np.uint8), "clip at 0, too"),
        (lambda a, n: np.clip(a.astype(int), 0, 255 - n).astype(np.uint8), "Add first"),
        (lambda a, n: np.clip(a.astype(int) + abs(n), 0, 255).astype(np.uint8), "makes it darker"),
    ],
)
def test_brighten_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_brighten(answer), hint)


def test_an_answer_that_works_in_place_is_judged_by_its_result():
    def in_place(array):
        array[:] = array[..., ::-1].copy()
        return array.astype(np.float32) / 255

    assert checks.check_from_opencv(in_place).passed
