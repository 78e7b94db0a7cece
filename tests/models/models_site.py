"""A web server on loopback that can be told to misbehave, and small models to serve."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.models.manifest import ManifestEntry, ModelFile, UrlSource


@dataclass
class Site:
    """Files by path, and how the next answers go wrong."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: list[int] = field(default_factory=list)
    """Bytes after which each of the next answers breaks off, then whole answers."""
    statuses: list[int] = field(default_factory=list)
    """Statuses of the next answers, before any file is sent."""
    etag: str = '"1"'
    ranges: bool = True
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Range header of every request so far."""
    base: str = ""

    def url(self, path: str) -> str:
        return f"{self.base}/{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.requests.append((self.path, wanted))
            if site.statuses:
                self.send_error(site.statuses.pop(0))
                return
            body = site.files.get(self.path.lstrip("/"))
            if body is None:
                self.send_error(404)
                return
            start = 0
            same = self.headers.get("If-Range", site.etag) == site.etag
            if wanted and site.ranges and same:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                if start >= len(body):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(body)}")
                    self.end_headers()
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(body) - start))
            if site.etag:
                self.send_header("ETag", site.etag)
            self.end_headers()
            rest = body[start:]
            self.wfile.write(rest[: site.cut_after.pop(0)] if site.cut_after else rest)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return buffer.getvalue()


def model_file(path: str, content: bytes) -> ModelFile:
    return ModelFile(path, len(content), hashlib.sha256(content).hexdigest())


def entry(
    name: str,
    *urls: str | UrlSource,
    files: tuple[ModelFile, ...] = (),
    task: str = "voice",
    engine: str = "piper",
    languages: tuple[str, ...] = ("en_US",),
    **more: object,
) -> ManifestEntry:
    sources = tuple(UrlSource(url) if isinstance(url, str) else url for url in urls)
    return ManifestEntry(name, task, engine, languages, "CC0", sources, files, **more)
