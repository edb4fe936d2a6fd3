"""A folder of built HTML on a web server of this machine, as a Pages host serves it."""

import contextlib
import gzip
import mimetypes
import threading
from collections.abc import Iterator
from functools import cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

# What is text has a charset and is worth compressing; Python does not know the others.
TEXTS = ("text/", "application/javascript", "application/json", "application/xml", "image/svg")
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


@cache
def compressed(path: Path, changed: int) -> bytes:
    """Return a file as gzip, made once as long as it does not change."""
    return gzip.compress(path.read_bytes(), mtime=0)


class Answer(NamedTuple):
    """What was sent.

    Attributes:
        path: what was asked for.
        status: the HTTP status.
        kind: the media type, without the charset.
        size: the bytes of the body, as sent.
    """

    path: str
    status: int
    kind: str
    size: int


class Handler(BaseHTTPRequestHandler):
    """Serve the files of a folder below a path; elsewhere, and for what is not there, 404."""

    protocol_version = "HTTP/1.1"

    def __init__(
        self, folder: Path, under: str, policy: str, answers: list[Answer] | None, *arguments
    ):
        self.folder, self.under = folder, under
        self.policy, self.answers = policy, answers
        super().__init__(*arguments)

    def file(self) -> Path | None:
        """Return the file that is asked for, if there is one."""
        path = unquote(urlsplit(self.path).path)
        if not path.startswith(self.under):
            return None
        found = (self.folder / path.removeprefix(self.under)).resolve()
        if found.is_dir() and path.endswith("/"):
            found /= "index.html"
        return found if found.is_relative_to(self.folder) and found.is_file() else None

    def do_GET(self) -> None:
        """Send a file; the 404 page of the site, if it has one, in place of one not there."""
        found, status = self.file(), HTTPStatus.OK
        if not found:
            found, status = self.folder / "404.html", HTTPStatus.NOT_FOUND
        kind = TYPES.get(found.suffix) or mimetypes.guess_type(found)[0]
        is_text = bool(kind) and kind.startswith(TEXTS)
        accepts = "gzip" in self.headers.get("Accept-Encoding", "")
        if not found.is_file():
            body, kind, is_text = b"not here\n", "text/plain", False
        elif is_text and accepts:
            body = compressed(found, found.stat().st_mtime_ns)
        else:
            body = found.read_bytes()
        self.send_response(status)
        charset = "; charset=utf-8" if kind and kind.startswith("text/") else ""
        self.send_header("Content-Type", (kind or "application/octet-stream") + charset)
        if is_text:
            self.send_header("Vary", "Accept-Encoding")
            if accepts:
                self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        if self.answers is not None:
            self.answers.append(Answer(self.path, status, kind or "", len(body)))
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(
    folder: Path,
    under: str = "/guide/",
    policy: str = "",
    answers: list[Answer] | None = None,
) -> Iterator[str]:
    """Serve a folder, compressed, on the loopback address for a time.

    Args:
        folder: the built HTML.
        under: the path below which it lies, as a project's site does on a Pages host.
        policy: the Content-Security-Policy to send with each answer, if any.
        answers: gets each answer that was sent.

    Yields:
        The address of the folder, which ends with ``/``.
    """
    handler = partial(Handler, folder.resolve(), under, policy, answers)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{under}"
        finally:
            server.shutdown()
