"""Read one file from the web, or say in plain words why that failed.

A learner behind a school proxy must not wait for minutes. So the transfer runs in a thread of its
own, and the caller waits for its pieces no longer than it wants to: this bounds even a hanging name
look-up, which no socket timeout does.
"""

import contextlib
import queue
import re
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import quote, urlsplit, urlunsplit

USER_AGENT = "nst_utils/0.1 (a course on neural style transfer) Python-urllib"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LONGEST_SILENCE = 20.0  # seconds between two pieces, once the server has answered
PIECE = 65536  # bytes


class DownloadError(OSError):
    """A file could not be read from the web; the message says why and what to do next."""


def read_url(url, *, max_bytes, timeout=5.0, deadline=60.0, on_progress=None):
    """Read the file at a web address.

    Parameters
    ----------
    url : str
        An https address. Plain http is read from this computer (``localhost``) alone.
    max_bytes : int
        Larger files are refused, before the transfer if the server tells the size.
    timeout : float
        Seconds within which the server has to answer.
    deadline : float
        Seconds after which the whole transfer must have ended.
    on_progress : callable, optional
        Called as ``on_progress(received, expected)`` after each piece, in the caller's thread, with
        numbers of bytes; ``expected`` is None if the server does not tell it.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    DownloadError
        If the file is not there, is too large, or came too slowly or incompletely.
    """
    with _started(_request(url), max_bytes) as reports:
        return _collect(reports, url, timeout, deadline, on_progress)


def starts_with(url, prefix, *, timeout=5.0):
    """Whether a file on the web begins with these bytes; reads its first piece alone.

    Parameters
    ----------
    url : str
        As in :func:`read_url`.
    prefix : bytes
    timeout : float
        Seconds within which the server has to answer and to send the first piece.

    Returns
    -------
    bool

    Raises
    ------
    DownloadError
        If nothing came in time.
    """
    request = _request(url)
    ends, kind, beginning = time.monotonic() + timeout, None, b""
    with _started(request, max_bytes=None) as reports:
        while kind != "end" and (kind is None or len(beginning) < len(prefix)):
            try:
                kind, value = reports.get(timeout=max(0, ends - time.monotonic()))
            except queue.Empty:
                words = f"{_host(url)} did not answer within {timeout:g} s; check the network."
                raise DownloadError(words) from None
            if kind == "error":
                raise DownloadError(_explain(value, url)) from value
            beginning += value if kind == "piece" else b""
    return beginning.startswith(prefix)


@contextlib.contextmanager
def _started(request, max_bytes):
    """Transfer in a thread of its own, which ends when its reports are no longer wanted."""
    reports, abandoned = queue.SimpleQueue(), threading.Event()
    arguments = (request, max_bytes, reports, abandoned)
    threading.Thread(target=_transfer, args=arguments, daemon=True).start()
    try:
        yield reports
    finally:
        abandoned.set()


def _collect(reports, url, timeout, deadline, on_progress):
    """Put together the pieces that the transfer reports, within the time limits."""
    ends = time.monotonic() + deadline
    answered, expected, pieces, received = False, None, [], 0
    while True:
        patience = LONGEST_SILENCE if answered else timeout
        remaining = ends - time.monotonic()
        try:
            if remaining <= 0:
                raise queue.Empty
            kind, value = reports.get(timeout=min(patience, remaining))
        except queue.Empty:
            if remaining <= patience:
                what = f"The download of {url} took longer than {deadline:g} s"
            elif answered:
                what = f"{_host(url)} stopped sending for {patience:g} s"
            else:
                what = f"{_host(url)} did not answer within {patience:g} s"
            raise DownloadError(f"{what}; check the network, then try again.") from None
        if kind == "error":
            raise DownloadError(_explain(value, url)) from value
        if kind == "end":
            return b"".join(pieces)
        answered = True
        if kind == "answer":
            expected = value
            continue
        pieces.append(value)
        received += len(value)
        if on_progress is not None:
            on_progress(received, expected)


def _transfer(request, max_bytes, reports, abandoned):
    """Report ``("answer", expected)``, each ``("piece", bytes)``, then ``"end"`` or ``"error"``."""
    try:
        # The caller keeps the time; this timeout only ends the thread after the caller has left.
        with _opener(request).open(request, timeout=2 * LONGEST_SILENCE) as response:
            expected, received = response.length, 0
            _refuse_above(max_bytes, expected or 0)
            reports.put(("answer", expected))
            while not abandoned.is_set() and (piece := response.read1(PIECE)):
                received += len(piece)
                _refuse_above(max_bytes, received)
                reports.put(("piece", piece))
        if expected is not None and received < expected:
            raise _RefusedError(f"the connection was cut after {received:,} of {expected:,} bytes")
        reports.put(("end", None))
    except Exception as error:  # whatever goes wrong in this thread has to reach the caller
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the connection
        reports.put(("error", error))


class _RefusedError(Exception):
    """The transfer goes no further; the message is half a sentence for ``_explain``."""


def _refuse_above(max_bytes, size):
    if max_bytes is not None and size > max_bytes:
        raise _RefusedError(f"it is larger than the {max_bytes:,} bytes allowed here")


def _request(url):
    """Make the request for an address, or say why it is not read."""
    if "@" in re.split(r"[/?#]", url.partition("//")[2])[0]:  # the message must not show the password
        raise DownloadError(
            "An address with a user name or password in it is not read; download the file with a browser"
            " and give its path."
        )
    if not _is_allowed(url, local=True):
        raise DownloadError(
            f"{url} is not an https address; download the file with a browser and give its path."
        )
    return urllib.request.Request(_escaped(url), headers={"User-Agent": USER_AGENT})


def _is_allowed(url, local):
    """Whether an address is https on the web or, if ``local``, on this computer, where http will do.

    Other spellings of this computer, such as https://2130706433, need no list: nobody can have a certificate
    for them, and nothing is sent before that is checked.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed bracket
        return False
    if parts.hostname in LOOPBACK:
        return local and parts.scheme in ("http", "https")
    return parts.scheme == "https" and bool(parts.hostname)


def _escaped(url):
    """Escape spaces and accented letters, which browsers show but servers do not take."""
    parts = urlsplit(url)
    path, query = (quote(part, safe="/%:=&?+,;@!$'()*~") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def _host(url):
    return urlsplit(url).hostname


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follow a few redirects, and none that leads from the web to http or to this computer."""

    max_redirections = 5

    def redirect_request(self, request, response, code, message, headers, new_url):
        """Make the next request, if its address is allowed."""
        if not _is_allowed(new_url, local=_host(request.full_url) in LOOPBACK):
            response.close()
            raise _RefusedError(
                f"the server redirects to {_shown(new_url)}, which is not an https address on the web"
            )
        return super().redirect_request(request, response, code, message, headers, new_url)


def _opener(request):
    """Return an opener that asks no proxy about this computer: the proxy would ask itself."""
    is_local = _host(request.full_url) in LOOPBACK
    proxies = [urllib.request.ProxyHandler({})] if is_local else []
    return urllib.request.build_opener(_CheckedRedirects, *proxies)


def _explain(error, url):
    """Return one sentence on what happened and what to do next."""
    if isinstance(error, _RefusedError):
        return f"{url} was not downloaded: {error}; check the address, or try again later."
    if isinstance(error, urllib.error.HTTPError):
        is_busy = error.code == 429 or error.code >= 500
        advice = "try again later" if is_busy else "check the address"
        return (
            f"{_host(url)} answered {error.code} ({_shown(error.reason)}) for {url}; {advice}, or download"
            " the file with a browser and give its path."
        )
    reason = getattr(error, "reason", error)
    reason = getattr(reason, "strerror", None) or reason
    return f"{_host(url)} could not be read ({_shown(reason)}); check the address and the network."


def _shown(words):
    """Words of a server as one short line; its control characters could play tricks with a terminal."""
    return "".join(letter for letter in " ".join(str(words).split()) if letter.isprintable())[:100]
