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
