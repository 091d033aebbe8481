"""TF-Hub's cache: what a module, half of one, and the locks of the living and the dead are taken for."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from nst_utils import fast
from nst_utils.base.tensorflow import tf
from nst_utils.models import hub_cache
from nst_utils.models.hub_cache import Cached

fast._import_hub()
from tensorflow_hub import compressed_module_resolver, resolver  # noqa: E402 (without its warning)

ADDRESS = fast.MAGENTA_ADDRESS
DATA = "variables/variables.data-00000-of-00001"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A SavedModel of 100 KB: nothing here depends on what a module computes."""
    module = tf.Module()
    module.big = tf.Variable(tf.random.stateless_uniform((160, 160), (1, 2)))
    module.small = tf.Variable(tf.range(5.0))
    folder = tmp_path_factory.mktemp("saved") / "module"
    tf.saved_model.save(module, str(folder))
    return folder


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where TF-Hub would keep the module, in an empty cache."""
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "tfhub"))
    (tmp_path / "tfhub").mkdir()
    return tmp_path / "tfhub" / "f843094219bf78a99e8ea6c8d71f1bc74f07101a"


@pytest.fixture
def lock(folder):
    return folder.with_name(f"{folder.name}.lock")


def test_the_folder_is_the_one_that_tf_hub_looks_into(folder, lock):
    assert hub_cache.module_folder(ADDRESS) == folder
    assert compressed_module_resolver._module_dir(ADDRESS) == str(folder)
    assert resolver._lock_filename(str(folder)) == str(lock)


@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_setting_tf_hub_keeps_modules_among_temporary_files(tmp_path, monkeypatch, setting):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("TFHUB_CACHE_DIR")
    if setting is not None:
        monkeypatch.setenv("TFHUB_CACHE_DIR", setting)
    folder = hub_cache.module_folder(ADDRESS)
    assert folder.parent == tmp_path / "tfhub_modules"
    assert compressed_module_resolver._module_dir(ADDRESS) == str(folder)


def test_a_whole_module_is_found_and_left_as_it_is(folder, saved):
    shutil.copytree(saved, folder)
    before = sorted(folder.rglob("*"))
    assert hub_cache.inspect(ADDRESS) == (Cached.COMPLETE, [])
    assert sorted(folder.rglob("*")) == before


def test_a_whole_module_counts_whatever_lock_lies_beside_it(folder, lock, saved):
    shutil.copytree(saved, folder)
    lock.write_text(f"{socket.gethostname()}.{os.getpid()}.task")
    assert hub_cache.inspect(ADDRESS) == (Cached.COMPLETE, [])


def test_a_module_that_another_user_left_among_the_temporary_files_is_not_run(saved, tmp_path, monkeypatch):
    monkeypatch.delenv("TFHUB_CACHE_DIR")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = hub_cache.module_folder(ADDRESS)
    shutil.copytree(saved, folder)
    assert hub_cache.inspect(ADDRESS) == (Cached.COMPLETE, [])
    owner = folder.parent.stat().st_uid
    if owner == 0:
        os.chown(folder.parent, 12345, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    state, [note] = hub_cache.inspect(ADDRESS)
    assert state is Cached.BLOCKED
    assert "TFHUB_CACHE_DIR to a folder of your own" in note
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(folder.parent))  # a shared cache that somebody has chosen
    assert hub_cache.inspect(ADDRESS) == (Cached.COMPLETE, [])


def test_an_empty_cache_is_no_news(folder):
    assert hub_cache.inspect(ADDRESS) == (Cached.ABSENT, [])
    folder.mkdir()  # TF-Hub clears an empty folder away by itself
    assert hub_cache.inspect(ADDRESS) == (Cached.ABSENT, [])
    shutil.rmtree(folder.parent)
    assert hub_cache.inspect(ADDRESS) == (Cached.ABSENT, [])
    assert not folder.parent.exists()


def cut(name, share):
    def damage(folder):
        os.truncate(folder / name, int(share * (folder / name).stat().st_size))

    return damage


def remove(name):
    return lambda folder: (folder / name).unlink()


def flip_a_bit(folder):
    data = bytearray((folder / DATA).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / DATA).write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (remove("saved_model.pb"), "no saved_model.pb"),
        (cut("saved_model.pb", 0), "its saved_model.pb is empty"),
        (cut("saved_model.pb", 0.1), "DecodeError"),
        (cut("saved_model.pb", 0.9), "DecodeError"),
        (remove(DATA), "while it was read"),
        (remove("variables/variables.index"), "while it was read"),
        (cut(DATA, 0), "while it was read"),
        (cut(DATA, 0.5), "while it was read"),
        (cut(DATA, 0.9999), "while it was read"),
        (cut("variables/variables.index", 0), "while it was read"),
        (cut("variables/variables.index", 0.5), "while it was read"),
        (flip_a_bit, "while it was read"),
        (lambda folder: shutil.rmtree(folder / "variables"), "while it was read"),
    ],
)
def test_a_broken_module_is_removed_with_a_word_about_it(folder, saved, damage, words, capfd):
    shutil.copytree(saved, folder)
    damage(folder)
    state, notes = hub_cache.inspect(ADDRESS)
    assert (state, len(notes), folder.exists()) == (Cached.ABSENT, 1, False)
    assert "TF-Hub's cache held a broken copy" in notes[0]
    assert words in notes[0]
    assert notes[0].endswith("; it was removed.")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("what", ["module", "lock"])
def test_what_cannot_be_removed_is_to_be_deleted_by_hand(folder, lock, monkeypatch, what):
    path = folder if what == "module" else lock
    folder.mkdir()
    (folder / "half.tmp" if what == "module" else lock).write_text("")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    _, notes = hub_cache.inspect(ADDRESS)
    assert f"{path} could not be removed (Permission denied): delete it by hand." in notes[0]
    assert len(notes) == 1


@contextlib.contextmanager
def without_privileges():
    """Be nobody for a moment, if we are root, whom no permissions stop."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("closed", ["cache", "module", "lock"])
def test_what_another_user_has_closed_to_us_is_told_instead_of_a_traceback(folder, lock, monkeypatch, closed):
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to nobody
        os.chmod(place, 0o755)
        cache = Path(place) / "tfhub"
        monkeypatch.setenv("TFHUB_CACHE_DIR", str(cache))
        (cache / folder.name).mkdir(parents=True)
        if closed == "lock":
            (cache / lock.name).write_text("elsewhere.1.0123abcd")
        else:
            (cache / folder.name / "saved_model.pb").write_text("")
        path = {"cache": cache, "module": cache / folder.name, "lock": cache / lock.name}[closed]
        path.chmod(0)
        try:
            with without_privileges():
                state, notes = hub_cache.inspect(ADDRESS)
        finally:
            path.chmod(0o700)
    assert state is not Cached.COMPLETE
    assert any(str(cache) in note for note in notes)


def pid_of_a_dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    "text",
    [
        "{here}.{dead}.0123abcd",
        "{elsewhere}.1.0123abcd",
        "",
        "{here}",
        "{here}.",
        "{here}.x.0123abcd",
        "{here}.-1.0123abcd",
        "{here}.99999999999999999999.0123abcd",
    ],
)
def test_the_lock_of_a_killed_download_is_removed_with_a_word_about_it(folder, lock, text):
    names = {"here": socket.gethostname(), "dead": pid_of_a_dead_process(), "elsewhere": "other.example.org"}
    lock.write_text(text.format(**names))
    long_ago = time.time() - hub_cache.LOCK_EXPIRES - 1
    os.utime(lock, (long_ago, long_ago))
    state, notes = hub_cache.inspect(ADDRESS)
    assert (state, len(notes), lock.exists()) == (Cached.ABSENT, 1, False)
    assert "lock of a download that was killed; it was removed." in notes[0]


@pytest.mark.parametrize("host", ["lab3", "lab3.example.org"])
def test_a_fresh_lock_of_a_dead_process_is_removed_at_once(lock, monkeypatch, host):
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    lock.write_text(f"{host}.{pid_of_a_dead_process()}.0123abcd")
    assert hub_cache.inspect(ADDRESS)[0] is Cached.ABSENT
    assert not lock.exists()


def test_a_lock_that_is_no_text_is_removed(lock):
    lock.write_bytes(b"\xff\xfe.1.2")
    assert hub_cache.inspect(ADDRESS)[0] is Cached.ABSENT
    assert not lock.exists()


def test_the_lock_that_tf_hub_itself_makes_in_this_process_is_respected(folder, lock):
    """Written by tensorflow_hub's own code while it downloads, so the form of the text is the true one."""
    seen = []

    def download(_address, staging):
        seen.append(hub_cache.inspect(ADDRESS))
        assert lock.exists()
        (Path(staging) / "file").write_text("")

    resolver.atomic_download(ADDRESS, download, str(folder))
    assert seen == [(Cached.ARRIVING, [])]
    assert not lock.exists()


def test_the_lock_of_another_living_process_is_respected(lock):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lock.write_text(f"{socket.gethostname()}.{process.pid}.0123abcd")
    state = hub_cache.inspect(ADDRESS)
    process.communicate()
    assert state == (Cached.ARRIVING, [])
    assert lock.exists()
    assert hub_cache.inspect(ADDRESS)[0] is Cached.ABSENT  # now that the process has ended


def test_the_lock_of_another_computer_is_respected_for_as_long_as_tf_hub_would(lock):
    lock.write_text("lab-3.example.org.4711.0123abcd")
    almost = time.time() - hub_cache.LOCK_EXPIRES + 60
    os.utime(lock, (almost, almost))
    assert hub_cache.inspect(ADDRESS) == (Cached.ARRIVING, [])
    assert lock.exists()
    assert hub_cache.LOCK_EXPIRES == compressed_module_resolver.LOCK_FILE_TIMEOUT_SEC


def test_a_broken_module_beside_a_dead_lock_is_two_notes(folder, lock):
    folder.mkdir()
    (folder / "half.tmp").write_text("")
    lock.write_text("")
    state, notes = hub_cache.inspect(ADDRESS)
    assert (state, len(notes)) == (Cached.ABSENT, 2)
    assert list(folder.parent.iterdir()) == []


def test_a_lock_whose_number_belongs_to_a_younger_process_is_dead(lock):
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(f"{socket.gethostname()}.{os.getpid()}.0123abcd")
    os.utime(lock, (1, 1))  # older than this process
    state, notes = hub_cache.inspect(ADDRESS)
    assert state is Cached.ABSENT
    assert "download that was killed" in notes[0]
    assert not lock.exists()
