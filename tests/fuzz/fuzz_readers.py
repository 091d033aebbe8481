"""Coverage-guided fuzzing of the readers of foreign bytes; ``make fuzz`` runs it, pytest does not collect it.

    python tests/fuzz/fuzz_readers.py stream|onnx FOLDER [options of libFuzzer]

What breaks a promise is left beside the folder. It belongs, as small as it can be, into
``tests/faults/test_readers.py``.
"""

import random
import sys
import tracemalloc
from pathlib import Path

import atheris

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS / "faults")]
with atheris.instrument_imports(include=["nst_utils.models.torch_stream", "nst_utils.models.onnx_weights"]):
    import hostile


def main():
    """Write the seed into the folder, and start libFuzzer there."""
    name, folder, options = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    attempt, seed, _ = hostile.READERS[name]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seed").write_bytes(seed())

    def mutator(data, max_size, number):
        dice = random.Random(number)
        if dice.random() < 0.3:
            return atheris.Mutate(data, max_size)
        return hostile.mutate(name, bytes(data), dice)[:max_size]

    tracemalloc.start()
    attempt(seed())  # what is imported on first use comes before the watch
    hostile.watch()
    limits = ["-timeout=20", "-rss_limit_mb=2000", "-max_len=4000", "-verbosity=0"]
    artifacts = f"-artifact_prefix={folder.parent}/{name}-"
    command = [sys.argv[0], str(folder), *limits, artifacts, *options]
    atheris.Setup(command, lambda data: attempt(data) and None, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
