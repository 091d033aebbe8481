"""The computer: its free memory, its GPU, the number format that its hardware multiplies fastest."""

import os
import sys
from pathlib import Path
from typing import Literal

import psutil

if sys.platform != "win32":
    import resource

# Linux: the control group of this process, and the folder of all groups' limits (version 2)
_GROUP_OF_PROCESS, _GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")

PRECISIONS = ("float32", "bfloat16")
_CPU_FLAGS = {"avx512_bf16", "amx_bf16"}  # x86 instructions that multiply bfloat16 in hardware
_CPU_INFO = Path("/proc/cpuinfo")  # Linux only; elsewhere float32 is used


def free_memory() -> int:
    """Available memory in bytes: the computer's, or what a container or ``ulimit`` leaves of it."""
    return max(0, min([psutil.virtual_memory().available, *_left_by_groups(), *_left_by_ulimit()]))


def _left_by_groups():
    """Limit minus use of every control group around this process: a container, a user's share of a hub."""
    lines = _GROUP_OF_PROCESS.read_text().splitlines() if _GROUP_OF_PROCESS.exists() else []
    for path in (line[4:] for line in lines if line.startswith("0::/")):
        # Inside a container the path may be that outside of it; the container's limit then stands on top
        for folder in {_GROUPS / path, *(_GROUPS / parent for parent in Path(path).parents)}:
            try:
                limit, used = (int((folder / name).read_text()) for name in ("memory.max", "memory.current"))
                counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            except (OSError, ValueError):  # no such group, not readable, or "max": no limit
                continue
            yield limit - used + int(counts.get("inactive_file", 0))  # cached files make way


def _left_by_ulimit():
    """Limit minus use of what ``ulimit -v`` and ``ulimit -d`` count."""
    if sys.platform == "win32":  # has no such limits
        return
    used = psutil.Process().memory_info()
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        yield (limit - used.vms) // 2  # addresses are reserved for up to 1.7 times what is used
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if limit != resource.RLIM_INFINITY:
        yield limit - getattr(used, "data", 0)


def check_fits_in_memory(free: float, needed: float, longer: int, what: str, fixed: float = 0) -> None:
    """Raise ``MemoryError`` if ``needed`` bytes are more than ``free``, with the size that would fit.

    ``longer`` is the picture's longer side in pixels, ``what`` its description in the message, ``fixed`` the
    part of ``needed`` that does not depend on the size.
    """
    if needed <= free:
        return
    share = max(0, 0.9 * free - fixed) / (needed - fixed)
    fits = int(longer * share**0.5) // 20 * 20
    smaller = f"try size={fits}, or " if fits else ""
    raise MemoryError(
        f"About {needed / 2**30:.1f} GiB of memory are needed for {what}, {free / 2**30:.1f} GiB are free:"
        f" {smaller}close other programs."
    )


def fastest_precision() -> Literal["float32", "bfloat16"]:
    """Return ``"bfloat16"`` where the processor or GPU multiplies it in hardware, else ``"float32"``.

    bfloat16 has float32's range with 8 bits of significand instead of 24. On a processor without the
    instructions it is emulated and slower than float32.
    """
    from .tensorflow import tf  # the doctor reports memory where TensorFlow is broken

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        return "bfloat16" if capability >= (8, 0) else "float32"
    flags = _CPU_INFO.read_text().split() if _CPU_INFO.exists() else []
    return "bfloat16" if _CPU_FLAGS.intersection(flags) else "float32"


def device_name() -> str:
    """Name of the device that TensorFlow computes on: the GPU, or the processor with its cores."""
    from .tensorflow import tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return f"GPU {details.get('device_name', '')}".strip()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU, {cores} cores"
