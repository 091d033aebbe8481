"""Read one file from the web, within limits of size and time.

A learner behind a school proxy must not wait for minutes: a server that has not responded within 5 seconds
counts as absent.
"""

import contextlib
import http.client
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import quote, urlsplit, urlunsplit

USER_AGENT = "nst_utils (a course on neural style transfer) Python-urllib"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
READ_TIMEOUT = 20.0  # seconds between two chunks, once the server has responded
CHUNK = 65536  # bytes


class DownloadError(OSError):
    """A file could not be read from the web; the message says why and what to do next.

    It comes from :func:`nst_utils.load_image` with a web address: without a network, from a server that does
    not respond, for an address that is not https, and for files that are cut off or too large. It is an
    ``OSError``. Check address and network with a browser, or save the file there and give its path.
    """


def read_url(
    url: str,
    *,
    max_bytes: int,
    timeout: float = 5.0,
    deadline: float = 60.0,
    on_progress: Callable[[int], object] | None = None,
) -> bytes:
    """Read the file at a web address.

    Parameters
    ----------
    url : str
        An https address. Plain http is read from this computer (``localhost``) alone.
    max_bytes : int
        Larger files are refused.
    timeout : float
        Seconds within which the server has to respond.
    deadline : float
        Seconds for the whole transfer; checked after each chunk.
    on_progress : callable, optional
        Called after each chunk with the number of bytes received.

    Raises
    ------
    DownloadError
        If the file is not there, is too large, or came too slowly or incompletely.
    """
    ends, data = time.monotonic() + deadline, bytearray()
    with _response(url, timeout) as response:
        expected = response.length or 0
        while max(expected, len(data)) <= max_bytes and (chunk := response.read1(CHUNK)):
            data += chunk
            if on_progress:
                on_progress(len(data))
            if time.monotonic() > ends:
                raise TimeoutError(f"it took longer than {deadline:g} s")
    if max(expected, len(data)) > max_bytes:
        raise DownloadError(
            f"{url} is larger than the {max_bytes:,} bytes allowed here; choose a smaller file."
        )
    if len(data) < expected:
        raise DownloadError(f"{url} was cut off after {len(data):,} of {expected:,} bytes; try again.")
    return bytes(data)


def starts_with(url: str, prefix: bytes, *, timeout: float = 5.0) -> bool:
    """Whether a file on the web begins with these bytes; raises as :func:`read_url`."""
    with _response(url, timeout) as response:
        return response.read(len(prefix)) == prefix


@contextlib.contextmanager
def _response(url, timeout):
    """Open an address, and turn whatever goes wrong until it is closed into a ``DownloadError``."""
    try:
        with _open(_request(url), timeout) as response:
            yield response
    except DownloadError:
        raise
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(error, urllib.error.HTTPError):
            reason = f"HTTP error {error.code}"
            error.close()
        reason = getattr(reason, "strerror", None) or str(reason)[:200]
        reason = "".join(filter(str.isprintable, reason))  # a server may have sent terminal codes
        host = url.partition("//")[2].partition("/")[0].rpartition("@")[2]
        raise DownloadError(
            f"{host} could not be read ({reason}); check the address and the network, or try again later."
        ) from error


def _request(url):
    parts = urlsplit(url)
    if "@" in parts.netloc:  # the message must not show the password
        raise DownloadError(
            "An address with a user name or password in it is not read; download the file with a browser and"
            " give its path."
        )
    if not _is_allowed(url):
        raise DownloadError(
            f"{url} is not an https address; download the file with a browser and give its path."
        )
    # Spaces and accents, which browsers show, but servers do not accept
    path, query = (quote(part, safe="/%:=&?+,;@!$'()*~") for part in (parts.path, parts.query))
    address = urlunsplit((parts.scheme, parts.netloc, path, query, ""))
    return urllib.request.Request(address, headers={"User-Agent": USER_AGENT})


def _is_allowed(url):
    """Whether an address is https, or on this computer, where plain http will do."""
    parts = urlsplit(url)
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return is_secure and bool(parts.hostname)


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follow no redirect to a file, nor from https to http."""

    def redirect_request(self, request, response, code, message, headers, new_url):
        """Make the next request, if its address is allowed."""
        if not _is_allowed(new_url) or (request.type == "https" and urlsplit(new_url).scheme != "https"):
            response.close()
            raise OSError(f"not an https address, but a redirect to {new_url!r}")
        return super().redirect_request(request, response, code, message, headers, new_url)


def _open(request, timeout):
    """Send a request; in a thread, since no timeout of a socket bounds a name look-up that hangs."""
    # No proxy can reach this computer
    proxies = [urllib.request.ProxyHandler({})] if urlsplit(request.full_url).hostname in LOOPBACK else []
    opener = urllib.request.build_opener(_CheckedRedirects, *proxies)
    results = queue.SimpleQueue()

    def send():
        try:
            results.put(opener.open(request, timeout=READ_TIMEOUT))
        except Exception as error:  # whatever goes wrong in this thread has to reach the caller
            results.put(error)

    threading.Thread(target=send, daemon=True).start()
    try:
        result = results.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"no response within {timeout:g} s") from None
    if isinstance(result, Exception):
        raise result
    return result
