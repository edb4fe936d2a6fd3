"""Show the site on this machine only, and build it again when a file is saved.

python tools/serve.py build/html 8000
"""

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watchfiles import DefaultFilter, watch

ROOT = Path(__file__).resolve().parent.parent
LOCAL = os.environ.get("LOCAL", "local")
WATCHED = ("source", "locale", LOCAL, "theme", "extensions", "institute.toml", "conf.py")


class Handler(SimpleHTTPRequestHandler):
    """Serve files; say nothing about those that are there."""

    def log_request(self, code="-", size="-"):
        """Print a line for errors only."""

    def end_headers(self):
        """Let the browser ask each time, so that a rebuilt page is seen at once."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


class Sources(DefaultFilter):
    """What people edit; not the .mo files that the build itself writes."""

    def __call__(self, change, path):
        """Tell whether a change calls for a build."""
        return not path.endswith(".mo") and super().__call__(change, path)


def build(out: str) -> None:
    """Build in a process of its own, which takes the extensions as they are now."""
    subprocess.run([sys.executable, ROOT / "tools" / "build_site.py", out])


def main(out: str, port: int) -> str | None:
    """Serve ``out`` on a port of the loopback address until Ctrl-C."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=out))
    except OSError as error:
        return f"Port {port}: {error.strerror}. Give another one: make serve PORT={port + 1}"
    build(out)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{port} shows it. Ctrl-C stops.", flush=True)
    watched = [ROOT / name for name in WATCHED if (ROOT / name).exists()]
    for _ in watch(*watched, watch_filter=Sources(), raise_interrupt=False):
        build(out)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
