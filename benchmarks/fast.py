"""Times one pass of Magenta's transformer at growing picture sizes: run me with nothing else running."""

import statistics
import time

import numpy as np

import nst_utils as nst
from nst_utils import fast

SIZES = (384, 512, 768, 1024, 1536)
REPEATS = 9


def main():
    """Print milliseconds, and nanoseconds per pixel, for each size; the style is known already."""
    vector = nst.style_vector(nst.painting("composition"))[np.newaxis]
    transform = fast.local_module().transform
    print("| size | milliseconds, median | nanoseconds per pixel |\n|---|---|---|")
    for size in SIZES:
        batch = nst.resize(nst.photo("astronaut"), size)[np.newaxis]
        transform(batch, vector).numpy()
        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            transform(batch, vector).numpy()
            seconds.append(time.perf_counter() - start)
        median = statistics.median(seconds)
        print(f"| {size} px | {1e3 * median:.0f} | {1e9 * median / size**2:.0f} |")


if __name__ == "__main__":
    main()
