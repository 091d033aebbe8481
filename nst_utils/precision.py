"""Which number format makes convolutions fast on this computer."""

from pathlib import Path

from .tensorflow_quiet import tf

PRECISIONS = ("float32", "bfloat16")
_CPU_FLAGS = {"avx512_bf16", "amx_bf16"}  # x86 instructions that multiply bfloat16 in hardware
_CPU_INFO = Path("/proc/cpuinfo")  # Linux; elsewhere the question stays open and float32 is used


def fastest_precision():
    """Return ``"bfloat16"`` where the processor or GPU multiplies it in hardware, else ``"float32"``.

    bfloat16 has float32's range with 8 bits of significand instead of 24. On a processor without the
    instructions it is emulated and slower than float32.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        return "bfloat16" if capability >= (8, 0) else "float32"
    flags = _CPU_INFO.read_text().split() if _CPU_INFO.exists() else []
    return "bfloat16" if _CPU_FLAGS.intersection(flags) else "float32"
