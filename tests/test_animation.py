"""The animation of the course, as it is committed."""

from PIL import Image, ImageSequence

from scripts.animation import FILE, SIZE


def test_the_animation_is_small_lasts_a_minute_and_begins_again():
    assert FILE.stat().st_size <= 3_000_000
    with Image.open(FILE) as film:
        seconds = 0
        for frame in ImageSequence.Iterator(film):
            frame.load()  # only then is its duration known
            seconds += frame.info["duration"] / 1000
        assert film.size == SIZE
        assert film.info["loop"] == 0  # for ever
    assert 58 <= seconds <= 62
