"""The models room, over HTTP: one file, taken up where it was cut off (RFC 9110, section 14)."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

_BLOCK = 1 << 16
_TIMEOUT_S = 30.0
_ATTEMPTS = 5
"""Attempts in a row that bring nothing new before giving up."""
_FIRST_PAUSE_S = 0.2


class DownloadError(Exception):
    """A download did not arrive; the text says why in words for a person."""


def download(url: str, target: Path, advance: Callable[[int, int | None], None]) -> None:
    """Fetch `url` into `target`, which appears only when it is whole.

    What has come so far is in `<target>.part`, with the version (ETag) it belongs to in
    `<target>.part.json`; a later call asks for the rest only. `advance` hears bytes done and
    bytes in all. Connections that break are made again while they bring something.
    Raises `DownloadError`; an `OSError` is the disk's.
    """
    if urlsplit(url).scheme not in {"https", "http"}:
        raise DownloadError(f"{url} is neither an https nor an http address")
    part = target.with_name(f"{target.name}.part")
    fruitless, pause_s = 0, _FIRST_PAUSE_S
    while True:
        before = _size(part)
        try:
            if _continue(url, part, advance):
                break
            reason = "the connection was cut"
        except _RetryError as error:
            reason = str(error)
        if _size(part) > before:
            fruitless, pause_s = 0, _FIRST_PAUSE_S
            continue
        fruitless += 1
        if fruitless >= _ATTEMPTS:
            raise DownloadError(reason)
        time.sleep(pause_s)
        pause_s *= 2
    part.replace(target)
    _version_file(part).unlink(missing_ok=True)


class _RetryError(Exception):
    """The connection failed in a way that may pass."""


def _continue(url: str, part: Path, advance: Callable[[int, int | None], None]) -> bool:
    """Ask for what is missing and append it; True when the file is whole."""
    have = _size(part)
    version = _read_version(part)
    if have and not version:
        part.unlink()
        have = 0
    request = urllib.request.Request(  # noqa: S310  the scheme was checked
        url, headers={"User-Agent": "assistant", "Accept-Encoding": "identity"}
    )
    if have:
        request.add_header("Range", f"bytes={have}-")
        if version != _NO_VERSION:
            request.add_header("If-Range", version)
    try:
        response = urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            if error.headers.get("Content-Range", "") == f"bytes */{have}":
                return True
            part.unlink()
            raise _RetryError("the file changed on the server") from error
        sentence = f"the server answered {error.code} {error.reason}"
        if error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR or error.code in {408, 429}:
            raise _RetryError(sentence) from error
        raise DownloadError(sentence) from error
    except (OSError, http.client.HTTPException) as error:
        raise _network_error(error) from error
    with response:
        return _receive(response, part, have, advance)


def _receive(
    response: http.client.HTTPResponse,
    part: Path,
    have: int,
    advance: Callable[[int, int | None], None],
) -> bool:
    length = response.headers.get("Content-Length")
    rest = int(length) if length is not None and length.isdecimal() else None
    if have and response.status != http.HTTPStatus.PARTIAL_CONTENT:
        have = 0
    if have and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise DownloadError("the server sent another part of the file than was asked for")
    if not have:
        etag = response.headers.get("ETag", "")
        strong = etag if etag and not etag.startswith("W/") else ""
        version = strong or response.headers.get("Last-Modified", "") or _NO_VERSION
        _version_file(part).write_text(json.dumps({"version": version}), "utf-8")
    total = have + rest if rest is not None else None
    done = have
    with part.open("ab" if have else "wb") as stream:
        while total is None or done < total:
            try:
                block = response.read1(_BLOCK)
            except (OSError, http.client.HTTPException) as error:
                stream.flush()
                raise _network_error(error) from error
            if not block:
                break
            stream.write(block)
            done += len(block)
            advance(done, total)
    return total is None or done == total


_NO_VERSION = "unknown"


def _network_error(error: Exception) -> Exception:
    """Name a network failure: some may pass, others will not."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return DownloadError(f"the server's certificate is not trusted ({reason.verify_message})")
    if isinstance(reason, socket.gaierror):
        return DownloadError("the server's name was not found: no network, or no such server")
    if isinstance(reason, TimeoutError):
        return _RetryError("the server does not answer")
    if isinstance(reason, ConnectionRefusedError):
        return _RetryError("the server refuses the connection")
    if isinstance(reason, OSError) and reason.strerror:
        return _RetryError(reason.strerror.lower())
    return _RetryError("the connection was cut")


def _version_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_version(part: Path) -> str:
    try:
        return str(json.loads(_version_file(part).read_text("utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
