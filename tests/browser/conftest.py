"""Chromium, a JupyterLab to point it at, and a place for screenshots."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / "build" / "browser"
START_TIMEOUT = 90  # seconds until JupyterLab or a kernel answers


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.fail("No Chromium here. On Debian: apt-get install -y chromium (or set CHROMIUM to a program)")
    arguments = ["--disable-dev-shm-usage", "--disable-gpu"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshot():
    """A function that keeps a picture of a page under a name."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(page, name, **options):
        page.screenshot(path=SCREENSHOTS / f"{name}.png", **options)

    return take


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A running JupyterLab: ``lab.folder`` is what it shows, ``lab.address(name)`` opens a notebook."""
    with running(tmp_path_factory.mktemp("jupyter"), ["jupyterlab", "--no-browser"]) as jupyterlab:
        yield jupyterlab


@pytest.fixture
def learners_lab(tmp_path):
    """What ``make lab`` starts: the working copies in ``lab.folder``, the settings of the course."""
    with running(tmp_path, ["nst_utils", "lab", "notebooks"]) as jupyterlab:
        yield jupyterlab


@contextlib.contextmanager
def running(home, module):
    """Start JupyterLab by a module with arguments, in a folder of its own; it ends with the block."""
    jupyterlab = Lab(home, module)
    try:
        jupyterlab.wait_until_ready()
        yield jupyterlab
    finally:
        jupyterlab.stop()


class Lab:
    """One JupyterLab with settings of its own, the learner's are not touched."""

    def __init__(self, home, module):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.folder = home / "notebooks"
        self.folder.mkdir()
        self._token, self._log = secrets.token_hex(16), home / "lab.log"
        _write(home / "config/labconfig/page_config.json",
               {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}})  # fmt: skip
        # every cell stays in the page, also when it is not in sight
        _write(home / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings",
               {"windowingMode": "none"})  # fmt: skip
        folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTERLAB_SETTINGS_DIR": "settings",
                   "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "JUPYTER_RUNTIME_DIR": "runtime"}  # fmt: skip
        environment = {**os.environ, **{name: str(home / folder) for name, folder in folders.items()}}
        environment.pop("NST_PROGRESS", None)  # as a learner has it: runs show themselves
        environment.pop("MPLBACKEND", None)
        environment |= {"JUPYTER_PORT": str(self._port), "JUPYTER_TOKEN": self._token, "BROWSER": "true"}
        _write(home / "config/jupyter_server_config.json", {"ServerApp": {
            "port_retries": 0, "root_dir": str(self.folder), "allow_root": True}})  # fmt: skip
        command = [sys.executable, "-m", *module]
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log)

    def address(self, name):
        """Address of a notebook in ``folder``."""
        return f"http://127.0.0.1:{self._port}/lab/tree/{name}?token={self._token}&reset"

    def wait_until_ready(self):
        """Return when JupyterLab answers."""
        self._wait_for(lambda: self._ask("GET", "status"), "JupyterLab did not start")

    def wait_for_kernel(self):
        """Return when the one kernel is connected to its page and has nothing to do."""

        def ready():
            states = [(k["connections"] > 0, k["execution_state"]) for k in self._ask("GET", "kernels")]
            return states == [(True, "idle")]

        self._wait_for(ready, "The kernel did not start")

    def _wait_for(self, condition, complaint):
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError):
                if condition():
                    return
            time.sleep(0.3)
        pytest.fail(f"{complaint}:\n{self._log.read_text()[-3000:]}")

    def stop_kernels(self):
        """End all kernels; their memory is wanted for the next one."""
        for kernel in self._ask("GET", "kernels"):
            self._ask("DELETE", f"kernels/{kernel['id']}")

    def _ask(self, method, what):
        url = f"http://127.0.0.1:{self._port}/api/{what}"
        headers = {"Authorization": f"token {self._token}"}
        request = urllib.request.Request(url, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def stop(self):
        """End JupyterLab and its kernels."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _write(path, settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))
