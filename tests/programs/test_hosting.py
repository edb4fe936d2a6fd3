"""The files of hosting/, each on its real server: what readers get, and what they do not."""

import contextlib
import gzip
import http.client
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import installed
from web_server import WITH_US, free_port, give, ordinary_user, write_certificates

HOSTING = Path(__file__).resolve().parent.parent.parent / "hosting"
SECONDS = 10
# What the file stands in, as Debian has it around it.
NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include /etc/nginx/mime.types;
  include {file};
}}
"""
# Debian's default modules, and those that the file asks for.
MODULES = "mpm_event access_compat alias auth_basic authn_core authn_file authz_core authz_host"
MODULES += " authz_user autoindex deflate dir env filter mime negotiation reqtimeout setenvif"
MODULES += " status headers socache_shmcb ssl"
APACHE = """
ServerRoot {folder}
PidFile {folder}/pid
Mutex file:{folder} default
ErrorLog {folder}/log
ServerName localhost
Listen 127.0.0.1:{http}
Listen 127.0.0.1:{https}
{modules}
TypesConfig /etc/mime.types
<Directory />
  Options FollowSymLinks
  AllowOverride None
  Require all denied
</Directory>
Include {file}
"""
CADDY = """
{{
  admin off
  storage file_system {folder}/storage
  default_bind 127.0.0.1
  http_port {http}
  https_port {https}
  local_certs
  skip_install_trust
}}
import {file}
"""
# By server: its file, its command, what the file stands in.
SERVERS = {
    "nginx": ("nginx.conf", ["nginx", "-p", "{folder}", "-e", "stderr", "-c"], NGINX),
    "apache2": ("apache.conf", ["apache2", "-D", "FOREGROUND", "-f"], APACHE),
    "caddy": ("Caddyfile", ["caddy", "run", "--adapter", "caddyfile", "--config"], CADDY),
}
TYPES = {
    "en/index.html": "text/html; charset=utf-8",
    "en/_static/style.css": "text/css; charset=utf-8",
    "en/_static/page.js": "(text|application)/javascript; charset=utf-8",
    "en/_static/icon.svg": r"image/svg\+xml; charset=utf-8",
    "robots.txt": "text/plain; charset=utf-8",
    "sitemap.xml": "(text|application)/xml; charset=utf-8",
    "guide.pdf": "application/pdf",
    "guide.epub": r"application/epub\+zip",
    "gridcert": "application/octet-stream",
}


@dataclass(frozen=True)
class Host:
    """A running server.

    Attributes:
        folder: the site.
        http: its port for http, at 127.0.0.1.
        https: its port for https.
    """

    folder: Path
    http: int
    https: int

    def get(self, path: str, secure: bool = True, **headers: str) -> tuple[int, Message, bytes]:
        """Return the status, the headers and the body of an answer.

        Args:
            path: what is asked for.
            secure: whether it is asked for by https.
            headers: those of the request, with _ for a hyphen.
        """
        if secure:
            # Whether the certificate is trusted is not the matter here.
            context = ssl._create_unverified_context()
            asked = http.client.HTTPSConnection(
                "localhost", self.https, timeout=SECONDS, context=context
            )
        else:
            asked = http.client.HTTPConnection("localhost", self.http, timeout=SECONDS)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(asked):
            asked.request("GET", path, headers=names)
            answer = asked.getresponse()
            return answer.status, answer.headers, answer.read()


@pytest.fixture(scope="module")
def folder(site) -> Iterator[Path]:
    """A copy of the site that an ordinary user can read, with documents."""
    with tempfile.TemporaryDirectory(prefix="hosting-") as name:
        Path(name).chmod(0o755)
        out = Path(shutil.copytree(site, Path(name) / "html"))
        for document in ("guide.pdf", "guide.epub"):
            (out / document).write_bytes(b"\0" * 5000)
        # Only a site whose address is known has one.
        (out / "sitemap.xml").write_text("<urlset>" + "<url/>" * 500 + "</urlset>\n")
        yield out


def filled_in(text: str, made: Path, folder: Path, ports: dict[str, int]) -> str:
    """Fill in a file of hosting/: the name, the folder, the certificate, the ports.

    Args:
        text: the file.
        made: where the certificate is.
        folder: the site.
        ports: those of http and https.
    """
    for blank, value in {
        "guide.example.org": "localhost",
        "/srv/certificate-guide": str(folder),
        "/etc/ssl/guide/fullchain.pem": f"{made}/host.pem",
        "/etc/ssl/guide/key.pem": f"{made}/host.key",
    }.items():
        text = text.replace(blank, value)
    # This machine may have no IPv6.
    text = re.sub(r"listen \[::\].*", "", text)
    for usual, port in (("80", ports["http"]), ("443", ports["https"])):
        text = re.sub(rf"listen {usual}\b", f"listen 127.0.0.1:{port}", text)
        text = text.replace(f"*:{usual}>", f"*:{port}>")
    return text


def is_up(host: Host) -> bool:
    """Tell whether a server answers."""
    try:
        return host.get("/")[0] == 200
    except OSError:
        return False


@pytest.fixture(scope="module", params=SERVERS)
def host(request, folder) -> Iterator[Host]:
    """Each server with its file of hosting/, serving the site as an ordinary user."""
    installed.needs(request.param)
    name, command, around = SERVERS[request.param]
    ports = {"http": free_port(), "https": free_port()}
    modules = "\n".join(
        f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so" for one in MODULES.split()
    )
    with tempfile.TemporaryDirectory(prefix="server-") as work:
        made = Path(work)
        write_certificates(made)
        file, settings, log = made / name, made / "settings", made / "log"
        text = (HOSTING / name).read_text(encoding="utf-8")
        file.write_text(filled_in(text, made, folder, ports), encoding="utf-8")
        settings.write_text(around.format(folder=made, file=file, modules=modules, **ports))
        log.touch()
        give(made, *made.iterdir())
        with log.open("ab") as said:
            process = subprocess.Popen(
                [*WITH_US, *(part.format(folder=made) for part in command), settings],
                env=os.environ | {"HOME": work},
                stdout=said,
                stderr=said,
                **ordinary_user(),
            )
        found, end = Host(folder, **ports), time.monotonic() + SECONDS
        try:
            while not is_up(found):
                if process.poll() is not None or time.monotonic() > end:
                    pytest.fail(f"{request.param} does not start: {log.read_text()}", pytrace=False)
                time.sleep(0.05)
            yield found
        finally:
            process.terminate()
            process.wait(SECONDS)


def path_of(name: str, folder: Path) -> str:
    """Return the path of a file; a download lies in a folder that is named after its content."""
    file = next(folder.glob(f"en/_downloads/*/{name}"), folder / name)
    return f"/{file.relative_to(folder)}"


def test_headers_are_sent_with_every_answer(host):
    """Pages, styles and what is not there come with the policy of the pages and all the rest."""
    page = BeautifulSoup((host.folder / "en/index.html").read_bytes(), "html.parser")
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    for path in ("/", "/fr/legal.html", "/en/_static/style.css", "/guide.epub", "/no/such"):
        _, headers, _ = host.get(path)
        assert headers["Content-Security-Policy"] == f"{policy}; frame-ancestors 'none'", path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert headers["Cache-Control"] == "no-cache"
        for name in ("Content-Security-Policy", "Cache-Control", "Content-Type"):
            assert len(headers.get_all(name)) == 1, name


def test_what_is_not_there_gets_the_page_for_it(host):
    """At any depth, with the status 404, a style, and links that lead somewhere."""
    wanted = (host.folder / "404.html").read_bytes()
    absent = ["/nowhere", "/en/no.html", "/fr/a/b/c/d.html", "/en/_images/no.svg", "/en/a/"]
    for path in [*absent, "/.certificate-guide", "/.nojekyll", "/en/.hidden/x.html"]:
        status, headers, body = host.get(path)
        assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8"), path
        assert body == wanted, path
    page = BeautifulSoup(wanted, "html.parser")
    for tag in page.find_all(href=True):
        assert host.get(tag["href"])[0] == 200, tag["href"]


def test_no_folder_is_listed(host):
    """A folder without a page of its own shows none of its files."""
    wanted = (host.folder / "404.html").read_bytes()
    for path in ("/en/_static/", "/fr/_images/", "/en/_downloads/"):
        status, _, body = host.get(path)
        assert status in (403, 404)
        assert body == wanted


def test_types_and_charsets(host):
    """Each kind of file has its type; text is UTF-8; a program is saved under its own name."""
    for name, expected in TYPES.items():
        path = path_of(name, host.folder)
        status, headers, body = host.get(path)
        assert status == 200
        assert re.fullmatch(expected, headers["Content-Type"], re.IGNORECASE), path
        assert body == (host.folder / path[1:]).read_bytes()


def test_text_is_compressed_and_sent_once(host):
    """Text comes as gzip, and not again while it has not changed; documents come as they are."""
    for name, kind in TYPES.items():
        path = path_of(name, host.folder)
        plain = (host.folder / path[1:]).read_bytes()
        _, headers, body = host.get(path, Accept_Encoding="gzip")
        if "charset" in kind and len(plain) > 1024:
            assert headers["Content-Encoding"] == "gzip", path
            assert "accept-encoding" in headers["Vary"].lower()
            assert gzip.decompress(body) == plain
        elif "charset" not in kind:
            assert (headers["Content-Encoding"], body) == (None, plain), path
        known = {"If_None_Match": headers["ETag"]} if headers["ETag"] else {}
        known["If_Modified_Since"] = headers["Last-Modified"]
        status, _, body = host.get(path, Accept_Encoding="gzip", **known)
        assert (status, body) == (304, b""), path
    _, headers, _ = host.get("/en/", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"


def test_http_leads_to_https(host):
    """Whoever asks by http is sent to the same page by https."""
    status, headers, _ = host.get("/fr/legal.html?x=1", secure=False)
    assert status in (301, 308)
    assert re.fullmatch(r"https://localhost(:\d+)?/fr/legal\.html\?x=1", headers["Location"])
