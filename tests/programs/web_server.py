"""A web server that asks for a certificate: a real nginx, on this machine alone."""

import contextlib
import datetime
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certificates import authorities, name

# The name that the pages print, and the one that every machine has.
HOSTS = ("server.example.org", "localhost")
# Whose certificate it is to see, as the grid writes it.
SUBJECT = "/DC=org/DC=terena/DC=tcs/C=NL/O=Example University/CN=Anna Tester 1234"
SECONDS = 10
SECONDS_TO_WRITE = 2
# ssl_verify_depth is 1 in nginx if it is not set: too little for an authority with a root.
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  log_format visits escape=json '{{"verified": "$ssl_client_verify", "subject": "$ssl_client_s_dn",'
    ' "grid_subject": "$ssl_client_s_dn_legacy", "status": $status, "path": "$uri",'
    ' "program": "$http_user_agent"}}';
  access_log {folder}/visits visits;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/host.pem;
    ssl_certificate_key {folder}/host.key;
    ssl_client_certificate {folder}/authorities.pem;
    ssl_verify_client on;
    ssl_verify_depth 3;
    default_type text/plain;
    location / {{ return 200 "Hello $ssl_client_s_dn_legacy\\n"; }}
  }}
}}
"""


@dataclass(frozen=True)
class Visit:
    """What the server wrote down about a request.

    Attributes:
        verified: ``SUCCESS``, ``NONE`` without a certificate, or why it was refused.
        subject: the subject of the certificate, as RFC 2253 writes it.
        grid_subject: the same as the grid writes it, with slashes.
        status: the status of the answer.
        path: what was asked for.
        program: what the program calls itself.
    """

    verified: str
    subject: str
    grid_subject: str
    status: int
    path: str
    program: str


@dataclass(frozen=True)
class WebServer:
    """A running server.

    Attributes:
        folder: where its files are, its certificate of authority ``root.pem`` among them.
        port: its port at 127.0.0.1.
    """

    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Its address, for a browser."""
        return f"https://localhost:{self.port}/"

    @property
    def root(self) -> Path:
        """The certificate of the authority behind it."""
        return self.folder / "root.pem"

    def visits(self, path: str = "", least: int = 1) -> list[Visit]:
        """Return what it wrote down, in order.

        It writes when the visitor may be gone already: it is given some time.

        Args:
            path: what was asked for, if not anything. Each test asks for something else.
            least: how many visits are waited for.
        """
        end = time.monotonic() + SECONDS_TO_WRITE
        while True:
            text = (self.folder / "visits").read_text(encoding="utf-8")
            # The last line may be half written.
            found = [Visit(**json.loads(line)) for line in text.split("\n")[:-1]]
            found = [visit for visit in found if not path or visit.path == path]
            if len(found) >= least or time.monotonic() > end:
                return found
            time.sleep(0.02)


@cache
def host() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """Return the certificate of the server, and its key."""
    issuer, issuer_key = authorities()[0]
    key = rsa.generate_private_key(65537, 2048)
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - datetime.timedelta(1)
    names = [*map(x509.DNSName, HOSTS), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name((NameOID.COMMON_NAME, HOSTS[0])))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(90))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        # A VOMS server signs what it grants with its certificate, which needs this for that.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(issuer_key, hashes.SHA256()), key


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_certificates(folder: Path, only_root: bool = False) -> None:
    """Write what the server needs: its certificate with the issuer's, its key, the authorities."""
    certificate, key = host()
    issuer, root = (one for one, _ in authorities())
    pem = Encoding.PEM
    (folder / "host.pem").write_bytes(certificate.public_bytes(pem) + issuer.public_bytes(pem))
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    # Grid servers know the authorities that issue, not only the roots.
    named = [root] if only_root else [root, issuer]
    (folder / "authorities.pem").write_bytes(b"".join(one.public_bytes(pem) for one in named))
    (folder / "host.key").touch(0o600)
    (folder / "host.key").write_bytes(key.private_bytes(pem, PrivateFormat.PKCS8, NoEncryption()))


@contextlib.contextmanager
def web_server(only_root: bool = False) -> Iterator[WebServer]:
    """Run a server that lets nobody in without a certificate of our authority.

    Args:
        only_root: whether it knows the root alone, and leaves what comes between to visitors.

    Yields:
        The server, which answers.

    Raises:
        TimeoutError: it does not.
    """
    with tempfile.TemporaryDirectory(prefix="nginx-") as name_of_folder:
        folder = Path(name_of_folder)
        folder.chmod(0o755)
        server = WebServer(folder, free_port())
        write_certificates(folder, only_root)
        settings = folder / "nginx.conf"
        settings.write_text(CONFIGURATION.format(folder=folder, port=server.port))
        give(folder, *folder.iterdir())
        with (folder / "errors").open("wb") as errors:
            process = subprocess.Popen(
                [*WITH_US, "nginx", "-p", folder, "-c", settings, "-e", "stderr"],
                stderr=errors,
                **ordinary_user(),
            )
        try:
            await_answer(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(SECONDS)


def await_answer(server: WebServer, process: subprocess.Popen) -> None:
    """Wait until a server takes connections.

    Args:
        server: the server.
        process: its process.

    Raises:
        TimeoutError: it does not, or has ended; its own words are in the message.
    """
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return
        time.sleep(0.05)
    raise TimeoutError((server.folder / "errors").read_text())


# Ends a program when this process does, even if it is killed: setpriv(1), prctl(2).
WITH_US = ("setpriv", "--pdeathsig", "KILL")


def ordinary_user() -> dict:
    """Return what makes ``subprocess`` start a program as an ordinary user, if we are root."""
    is_root = os.geteuid() == 0
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if is_root else {}


def give(*paths: Path) -> None:
    """Give files to the ordinary user, if we are root."""
    if os.geteuid() == 0:
        for path in paths:
            shutil.chown(path, "nobody", "nogroup")
