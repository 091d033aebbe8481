"""Reading files from the web: a small server on this computer plays the good and the bad ones."""

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

    def serve_agent(self):
        agent = self.headers["User-Agent"].encode()
        self.start(Content_Length=len(agent))
        self.wfile.write(agent)

    def serve_missing(self):
        self.start(404, Content_Length=0)

    def serve_overloaded(self):
        self.start(503, Content_Length=0)

    def serve_moved(self):
        self.start(302, Location="/good", Content_Length=0)

    def serve_loop(self):
        self.start(302, Location="/loop", Content_Length=0)

    def serve_long_chain(self):
        step = int(self.path.partition("?")[2] or 0)
        self.start(302, Location=f"/long_chain?{step + 1}", Content_Length=0)

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

    def serve_first_byte_alone(self):
        self.start(Content_Length=2)
        self.wfile.write(b"\x1f")
        self.wfile.flush()
        self.server.closing.wait(0.2)
        self.wfile.write(b"\x8b")

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


@pytest.mark.parametrize("page", ["good", "unsized", "moved"])
def test_a_file_comes_whole(address, page):
    assert read(f"{address}/{page}") == BODY


def test_a_chunked_file_comes_whole(address):
    assert read(f"{address}/chunked") == b"hello..!"


def test_an_empty_file_is_no_bytes(address):
    assert read(f"{address}/empty") == b""


def test_the_server_learns_who_is_asking(address):
    assert read(f"{address}/agent").startswith(b"nst_utils/")


def test_spaces_and_accents_in_an_address_are_escaped(address):
    assert read(f"{address}/good?name=Käthe am See") == BODY


@pytest.mark.parametrize(("page", "expected"), [("good", len(BODY)), ("unsized", None)])
def test_progress_rises_to_the_whole_and_is_told_in_the_callers_thread(address, page, expected):
    calls = []
    read(
        f"{address}/{page}",
        on_progress=lambda *counts: calls.append((*counts, threading.current_thread())),
    )
    received = [call[0] for call in calls]
    assert received == sorted(set(received))
    assert received[-1] == len(BODY)
    assert {call[1] for call in calls} == {expected}
    assert {call[2] for call in calls} == {threading.current_thread()}


def test_an_error_in_the_callback_reaches_the_caller(address):
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(f"{address}/good", on_progress=stop)


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("missing", r"127\.0\.0\.1 answered 404 .*check the address"),
        ("overloaded", "answered 503 .*try again later"),
        ("loop", "answered 302 .*check the address"),
        ("long_chain", "answered 302"),
        ("to_http", r"redirects to http://example\.com/a\.jpg, which is not an https address"),
        ("to_file", r"answered 302 .*file:///etc/hostname.* is not allowed.*check the address"),
        ("announced_huge", "larger than the 1,000,000 bytes"),
        ("endless", "larger than the 1,000,000 bytes"),
        ("cut", "cut after 1,000 of 256,000 bytes"),
        ("broken_chunks", "could not be read"),
    ],
)
def test_a_bad_answer_becomes_a_plain_sentence(address, page, says):
    with pytest.raises(DownloadError, match=says) as caught:
        read(f"{address}/{page}")
    assert f"{address}/{page}" in str(caught.value) or "127.0.0.1" in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_file_of_just_the_allowed_size_is_read_and_one_byte_more_is_not(address):
    assert read(f"{address}/good", max_bytes=len(BODY)) == BODY
    for page in ("good", "unsized"):
        with pytest.raises(DownloadError, match="larger than"):
            read(f"{address}/{page}", max_bytes=len(BODY) - 1)


def seconds_until_refused(url, says, **limits):
    begin = time.monotonic()
    with pytest.raises(DownloadError, match=says):
        read(url, **limits)
    return time.monotonic() - begin


def test_a_silent_server_counts_as_absent_after_the_timeout(address):
    seconds = seconds_until_refused(
        f"{address}/silent", r"did not answer within 0\.3 s", timeout=0.3
    )
    assert 0.3 <= seconds < 3


def test_a_hanging_name_look_up_counts_as_absent_too(monkeypatch):
    released = threading.Event()

    def hang(*_, **__):
        released.wait(10)
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    seconds = seconds_until_refused(
        "https://pictures.example/a.jpg", "pictures.example did not answer within", timeout=0.3
    )
    released.set()
    assert 0.3 <= seconds < 3


@pytest.mark.parametrize("page", ["slow", "stalled", "silent"])
def test_the_deadline_ends_a_transfer_in_any_state(address, page):
    seconds = seconds_until_refused(f"{address}/{page}", r"longer than 0\.4 s", deadline=0.4)
    assert 0.4 <= seconds < 3


def test_a_fast_endless_transfer_ends_at_the_deadline(address):
    def dawdle(*_):
        time.sleep(0.02)

    seconds = seconds_until_refused(
        f"{address}/endless", "longer than", max_bytes=10**8, deadline=0.3, on_progress=dawdle
    )
    assert 0.3 <= seconds < 3


def test_a_stalled_transfer_is_given_up(address, monkeypatch):
    monkeypatch.setattr(download, "LONGEST_SILENCE", 0.3)
    seconds = seconds_until_refused(f"{address}/stalled", r"stopped sending for 0\.3 s")
    assert 0.3 <= seconds < 3


def test_the_transfer_stops_when_the_caller_has_left(server, address):
    server.clients_gone.clear()
    seconds_until_refused(f"{address}/slow", "longer than", deadline=0.2)
    assert server.clients_gone.wait(5)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.jpg",
        "http://localhost.example.com/a.jpg",
        "ftp://localhost/a.jpg",
        "file:///etc/hostname",
        "https://",
        "https://[broken/a.jpg",
        "picture.jpg",
    ],
)
def test_only_https_addresses_are_read(url):
    with pytest.raises(DownloadError, match="is not an https address; .* give its path"):
        read(url)


def test_an_address_without_a_server_is_an_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 could not be read .*check the address"):
        read(f"http://127.0.0.1:{port}/a.jpg")


def test_the_web_may_not_redirect_to_this_computer():
    assert download._is_allowed("http://localhost/a.jpg", local=True)
    assert not download._is_allowed("http://localhost/a.jpg", local=False)


def test_this_computer_is_asked_without_a_proxy(address, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert read(f"{address}/good") == BODY


@pytest.mark.parametrize("page", ["good", "unsized", "moved", "stalled"])
def test_the_beginning_of_a_file_is_enough_to_know_how_it_starts(address, page):
    assert starts_with(f"{address}/{page}", BODY[:2], timeout=2.0)
    assert starts_with(f"{address}/{page}?a=b", b"", timeout=2.0)
    assert not starts_with(f"{address}/{page}", b"\x1f\x8b", timeout=2.0)


def test_an_endless_file_is_left_after_its_beginning(server, address):
    server.clients_gone.clear()
    assert starts_with(f"{address}/endless", b"xx", timeout=2.0)
    assert server.clients_gone.wait(5)


def test_an_empty_file_starts_with_nothing(address):
    assert not starts_with(f"{address}/empty", b"\x1f", timeout=2.0)


def test_a_beginning_that_arrives_byte_by_byte_is_put_together(address):
    assert starts_with(f"{address}/first_byte_alone", b"\x1f\x8b", timeout=2.0)


@pytest.mark.parametrize(
    ("page", "says"), [("missing", "answered 404"), ("overloaded", "answered 503"), ("loop", "answered 302")]
)
def test_a_bad_answer_is_no_beginning_but_an_error(address, page, says):
    with pytest.raises(DownloadError, match=says):
        starts_with(f"{address}/{page}", b"", timeout=2.0)


def test_a_server_that_does_not_send_the_beginning_in_time_counts_as_absent(address):
    begin = time.monotonic()
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 did not answer within 0\.3 s; check"):
        starts_with(f"{address}/silent", b"\x1f\x8b", timeout=0.3)
    assert 0.3 <= time.monotonic() - begin < 3


@pytest.mark.parametrize("url", ["http://example.com/a", "file:///etc/hostname", "https://[broken/a"])
def test_the_beginning_of_a_file_is_read_from_https_addresses_alone(url):
    with pytest.raises(DownloadError, match="is not an https address"):
        starts_with(url, b"")
