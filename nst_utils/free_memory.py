"""How much memory can be had."""

from pathlib import Path

import psutil

# A container's own limit and use; absent on most computers
_CONTAINER = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


def free_memory():
    """Memory that can be had, in bytes: the computer's, or the container's where that is less."""
    free = psutil.virtual_memory().available
    limit, used = _CONTAINER
    if limit.exists() and limit.read_text().strip() != "max":
        free = min(free, int(limit.read_text()) - int(used.read_text()))
    return free


def refuse_above(free, needed, longer, what, smallest=16):
    """Raise ``MemoryError`` if ``needed`` bytes are more than ``free``, with the size that would fit.

    ``longer`` is the picture's longer side in pixels, ``what`` the picture in words; a size below
    ``smallest`` is no advice.
    """
    if needed <= free:
        return
    fits = int(longer * (0.9 * max(free, 0) / needed) ** 0.5) // 20 * 20
    smaller = f"try size={fits}, or " if fits >= smallest else ""
    raise MemoryError(
        f"About {needed / 2**30:.1f} GiB of memory are needed for {what}, {free / 2**30:.1f} GiB are free:"
        f" {smaller}close other programs."
    )
