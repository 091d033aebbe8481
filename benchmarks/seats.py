"""Measures how much memory a seat takes when many learners share one machine: ``seats.py [NUMBER]``.

Every seat is a Jupyter kernel that runs notebook 00 and stays open, as in a classroom; all of them read one
cache that nobody may write to. Then one of them goes on to notebook 04. Linux alone tells what a process has
for itself and what it shares with others.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
from jupyter_client.manager import KernelManager

from nst_utils.models.fetching import cache_folder

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SEATS = 30
MEBIBYTE = 2**20
WITHOUT_ROOTS_RIGHTS = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]


class Seat:
    """A kernel with nobody's right to write to the cache."""

    def __init__(self, cache):
        self._manager = KernelManager(kernel_name="python3")
        arguments = self._manager.kernel_spec.argv
        arguments[0] = sys.executable
        if os.geteuid() == 0:
            arguments[:0] = WITHOUT_ROOTS_RIGHTS
        environment = {**os.environ, "NST_CACHE": str(cache), "NST_PROGRESS": "0"}
        self._manager.start_kernel(cwd=str(NOTEBOOKS), env=environment, stderr=subprocess.DEVNULL)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self._process = psutil.Process(self._manager.provisioner.pid)

    def run(self, name):
        """Run all code cells of a notebook."""
        for cell in nbformat.read(NOTEBOOKS / name, 4).cells:
            if cell.cell_type == "code":
                answer = self._client.execute_interactive(cell.source, output_hook=lambda _: None)
                if answer["content"]["status"] != "ok":
                    raise RuntimeError(f"{name}, cell {cell.id}: {answer['content']['evalue']}")

    def memory(self):
        """Bytes of this kernel alone, and its part of what it shares with other processes."""
        info = self._process.memory_full_info()
        return info.uss, info.pss - info.uss

    def peak_of(self, name):
        """Run a notebook; returns the most bytes that the kernel had for itself, looked at every 50 ms."""
        most, ended = [0], threading.Event()

        def watch():
            while not ended.wait(0.05):
                most[0] = max(most[0], self.memory()[0])

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            self.run(name)
        finally:
            ended.set()
            watcher.join()
        return most[0]

    def close(self):
        """End the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def read_only_copy_of_the_cache(folder):
    """Copy the fetched weights, so that no learner may write to them."""
    cache = Path(folder) / "cache"
    shutil.copytree(cache_folder(), cache)
    for path in [cache, *cache.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return cache


def files(folder):
    """Names and times of all files below a folder."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def main():
    """Print the table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else SEATS
    with tempfile.TemporaryDirectory() as folder:
        cache = read_only_copy_of_the_cache(folder)
        before, free, start = files(cache), psutil.virtual_memory().available, time.monotonic()
        seats = []

        def take_seat(_):
            seat = Seat(cache)
            seats.append(seat)
            seat.run("00_start_here.ipynb")

        try:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(take_seat, range(number)))
            own, shared = zip(*(seat.memory() for seat in seats), strict=True)
            taken = free - psutil.virtual_memory().available
            minutes = (time.monotonic() - start) / 60
            peak = seats[0].peak_of("04_optimization_loop.ipynb")
        finally:
            for seat in seats:
                seat.close()
        assert files(cache) == before, "a learner has changed the shared cache"
    print(f"{number} seats, {os.cpu_count()} cores, {minutes:.0f} minutes for notebook 00 at all of them\n")
    print("| memory | MiB |\n|---|---|")
    print(f"| of a seat alone after notebook 00, median | {statistics.median(own) / MEBIBYTE:.0f} |")
    print(f"| of a seat alone after notebook 00, most | {max(own) / MEBIBYTE:.0f} |")
    print(f"| shared by all seats | {sum(shared) / MEBIBYTE:.0f} |")
    print(f"| taken from the machine by all seats after notebook 00 | {taken / MEBIBYTE:.0f} |")
    print(f"| of a seat alone during notebook 04, most | {peak / MEBIBYTE:.0f} |")


if __name__ == "__main__":
    main()
