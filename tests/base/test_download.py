"""Reading files from the web: a small server on this computer plays the good and the bad ones."""

import io
import socket
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nst_utils.base import download
from nst_utils.base.download import DownloadError, read_url, starts_with

BODY = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802 (the name is http.server's)
        self.close_connection = True
        getattr(self, "serve_" + self.path.strip("/").split("?")[0])()

    def start(self, code=200, **headers):
        self.send_response(code)
        for name, value in {"Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def serve_good(self):
        self.start(Content_Length=len(BODY))
        self.wfile.write(BODY)

    def serve_unsized(self):
        self.start()
        self.wfile.write(BODY)

    def serve_chunked(self):
        self.start(Transfer_Encoding="chunked")
        self.wfile.write(b"5\r\nhello\r\n3\r\n..!\r\n0\r\n\r\n")

    def serve_broken_chunks(self):
        self.start(Transfer_Encoding="chunked")
        self.wfile.write(b"5\r\nhel")

    def serve_empty(self):
        self.start(Content_Length=0)

    def serve_missing(self):
        self.wfile.write(b"HTTP/1.0 404 \x1b]0;title\x07\x9b31m bad " + b"x" * 50_000 + b"\r\n\r\n")

    def serve_noise(self):
        self.wfile.write(b"\x1b]0;title\x07\x9b31m no HTTP at all\r\n\r\n")

    def serve_moved(self):
        self.start(302, Location="/good", Content_Length=0)

    def serve_loop(self):
        self.start(302, Location="/loop", Content_Length=0)

    def serve_to_http(self):
        self.start(302, Location="http://example.com/a.jpg", Content_Length=0)

    def serve_to_file(self):
        self.start(302, Location="file:///etc/hostname", Content_Length=0)

    def serve_announced_huge(self):
        self.start(Content_Length=10**12)

    def serve_cut(self):
        self.start(Content_Length=len(BODY))
        self.wfile.write(BODY[:1000])

    def serve_endless(self):
        self.start()
        self.drip(b"x" * 10_000, pause=0)

    def serve_slow(self):
        self.start()
        self.drip(b"x", pause=0.05)

    def serve_stalled(self):
        self.start(Content_Length=len(BODY))
        self.wfile.write(BODY[:1000])
        self.wfile.flush()
        self.server.closing.wait(10)

    def serve_silent(self):
        self.server.closing.wait(10)

    def drip(self, piece, pause):
        try:
            while not self.server.closing.wait(pause):
                self.wfile.write(piece)
        except OSError:
            self.server.clients_gone.set()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.closing, server.clients_gone = threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def address(server):
    return f"http://127.0.0.1:{server.server_port}"


def read(url, **options):
    return read_url(url, **{"max_bytes": 10**6, "timeout": 2.0, "deadline": 4.0} | options)


@pytest.mark.parametrize("page", ["good", "unsized", "moved", "good?name=Käthe am See", "good?mail=a@b"])
def test_a_file_is_read_whole(address, page):
    received = []
    assert read(f"{address}/{page}", on_progress=received.append) == BODY
    assert received == sorted(set(received))
    assert received[-1] == len(BODY)


def test_a_chunked_file_and_an_empty_one_are_read_whole(address):
    assert read(f"{address}/chunked") == b"hello..!"
    assert read(f"{address}/empty") == b""


def test_an_interrupt_in_the_callback_reaches_the_caller(address):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(f"{address}/good", on_progress=stop)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("missing", "404"),
        ("noise", "no HTTP"),
        ("loop", "302"),
        ("to_http", r"redirect to .*example\.com"),
        ("to_file", "302"),
        ("announced_huge", "larger than the 1,000,000 bytes"),
        ("endless", "larger than the 1,000,000 bytes"),
        ("cut", "1,000 of 256,000 bytes"),
        ("broken_chunks", "could not be read"),
    ],
)
def test_whatever_else_a_server_sends_becomes_one_short_line(address, page, reason):
    with pytest.raises(DownloadError, match=reason) as caught:
        read(f"{address}/{page}")
    assert "127.0.0.1" in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_a_file_of_just_the_allowed_size_is_read_and_one_byte_more_is_not(address):
    assert read(f"{address}/good", max_bytes=len(BODY)) == BODY
    for page in ("good", "unsized"):
        with pytest.raises(DownloadError, match="larger than"):
            read(f"{address}/{page}", max_bytes=len(BODY) - 1)


# ----- Time -----


def assert_refused_in_time(seconds, reason, url, **limits):
    start = time.monotonic()
    with pytest.raises(DownloadError, match=reason):
        read(url, **limits)
    assert seconds <= time.monotonic() - start < 3


def test_a_silent_server_counts_as_absent_after_the_timeout(address):
    assert_refused_in_time(0.3, r"no response within 0\.3 s", f"{address}/silent", timeout=0.3)


def test_a_hanging_name_look_up_counts_as_absent_too(monkeypatch):
    released = threading.Event()

    def hang(*_, **__):
        released.wait(10)
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    assert_refused_in_time(0.3, "no response within", "https://pictures.example/a.jpg", timeout=0.3)
    released.set()


@pytest.mark.parametrize("page", ["slow", "endless"])
def test_the_deadline_ends_a_transfer(address, page):
    limits = {"deadline": 0.4, "max_bytes": 10**8, "on_progress": lambda _: time.sleep(0.02)}
    assert_refused_in_time(0.4, r"longer than 0\.4 s", f"{address}/{page}", **limits)


def test_a_stalled_transfer_is_given_up(address, monkeypatch):
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.3)
    assert_refused_in_time(0.3, "timed out", f"{address}/stalled")


def test_the_transfer_stops_when_the_caller_has_left(server, address):
    server.clients_gone.clear()
    assert_refused_in_time(0.2, "longer than", f"{address}/slow", deadline=0.2)
    assert server.clients_gone.wait(5)


# ----- Addresses -----


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.jpg",
        "http://localhost.example.com/a.jpg",
        "ftp://localhost/a.jpg",
        "file:///etc/hostname",
        "https://",
        "picture.jpg",
    ],
)
def test_only_https_addresses_are_read(url):
    for use in (read, lambda url: starts_with(url, b"")):
        with pytest.raises(DownloadError, match="is not an https address"):
            use(url)


@pytest.mark.parametrize("url", ["http://localhost/a.jpg", "file:///etc/hostname", "http://example.com/a"])
def test_an_https_address_cannot_redirect_to_plain_http_or_a_file(url):
    request = urllib.request.Request("https://example.com/a.jpg")
    with pytest.raises(OSError, match="not an https address"):
        download._CheckedRedirects().redirect_request(request, io.BytesIO(), 302, "Found", {}, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://anna:secret@example.com/a.jpg",
        "http://anna:secret@localhost/a.jpg",
        "http://example.com\\@localhost/secret.jpg",
        "https://secret@example.com?a",
        "https://anna:secret@[broken/a.jpg",
    ],
)
def test_an_address_with_a_password_is_refused_and_the_password_not_shown(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("the name was looked up"))
    with pytest.raises(DownloadError) as caught:
        read(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["exa mple.com", "a\0b", "a..b", "a" * 70, "[::1", "[v1.x]", "%41:x"])
def test_a_host_that_cannot_be_is_a_download_error(host, monkeypatch):
    def look_up(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(DownloadError):
        read(f"https://{host}/a.jpg")


@pytest.mark.parametrize("end", ["\r\nX-Evil: 1", " HTTP/1.1\r\nX-Evil: 1\r\n\r\n", "\0\x1b"])
def test_a_line_break_in_an_address_makes_no_header(end):
    request = download._request(f"https://example.com/a{end}?{end}")
    assert request.full_url.isprintable()
    assert " " not in request.full_url


def test_an_address_without_a_server_is_an_error_without_a_number():
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9 could not be read \(Connection refused\)"):
        read("http://127.0.0.1:9/a.jpg")


def test_this_computer_is_asked_without_a_proxy(address, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert read(f"{address}/good") == BODY


# ----- The beginning of a file -----


@pytest.mark.parametrize("page", ["good", "unsized", "moved", "stalled", "endless"])
def test_the_first_bytes_of_a_file_are_enough(address, page):
    first = b"xx" if page == "endless" else BODY[:2]
    assert starts_with(f"{address}/{page}", first, timeout=2.0)
    assert not starts_with(f"{address}/{page}", b"\x1f\x8b", timeout=2.0)


@pytest.mark.parametrize("page", ["missing", "silent"])
def test_no_file_is_no_beginning_but_an_error(address, page):
    with pytest.raises(DownloadError):
        starts_with(f"{address}/{page}", b"", timeout=0.3)
