"""A web on loopback that answers as the real one does at its worst.

Each name or port of ``Loopback`` is a host of its own: 127.0.0.2, 127.0.0.3 and so on, which
Linux answers without being told. Answers are made by hand on the socket, since the libraries
refuse to send most of what is sent here. Nothing outlives ``stop``: each wait ends with its
socket.
"""

import datetime
import gzip
import ipaddress
import re
import selectors
import socket
import ssl
import struct
import tempfile
import threading
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from select import select

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import certificates

# How the class of a link that is asked on several days goes on.
FAILS = {"expected": "doubtful", "third": "dead"}
GONE = {"expected": "doubtful", "later": "dead"}
# The hosts that share the usual cases; the others have one each.
SHARED_HOSTS = [f"127.0.0.{number}" for number in range(2, 8)]
# More than enough of a body for any reader of links; then the server only keeps the line open.
FLOOD = 192 * 2**20
# What is nobody's fault between two threads: one has asked anew before the other sees the end.
SLACK = 0.2

Classes = str | tuple[str, ...]


@dataclass
class Ask:
    """One request.

    Attributes:
        method: GET, HEAD…
        target: the path and the query, as sent.
        headers: by their names in small letters.
        host: the host and the port that were asked.
        connection: to answer by hand.
        server: whom it was sent to.
        count: how often this path was asked, this request included.
        first: when it was asked first, in seconds of ``time.monotonic``.
    """

    method: str
    target: str
    headers: dict[str, str]
    host: str
    connection: socket.socket
    server: "Loopback"
    count: int
    first: float

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    def gone(self, seconds: float) -> bool:
        """Wait, and return whether the client has left before the time was over."""
        with suppress(OSError, ValueError):
            return bool(select([self.connection], [], [], seconds)[0])
        return True

    def send(self, data: bytes) -> None:
        """Send a part of the answer at once."""
        self.connection.sendall(data)
        self.server.sent[self.host + self.path] += len(data)


# What is sent whole, or nothing if the answer was given by hand.
Answer = Callable[[Ask], bytes | None]


@dataclass(frozen=True)
class Case:
    """One address, how it answers, and what a sensible person would say of it.

    Attributes:
        name: of the case.
        address: with {host} for its own host, {other} for another one, {plain} for one without
            TLS, {first} for the one that the latter leads back to.
        answer: what its path answers.
        expected: the class of a first asking: alive, moved, walled or doubtful; several
            where a person might say either.
        why: a person would say so.
        later: the class on a second day, if it differs.
        third: the class on a third day, if it differs from the second.
        known: keys of the record beyond ``what`` and ``language``.
        to: the address to be proposed where the case may be moved; with ``moved`` among the
            classes and nothing here, any may be.
        also: what else its host, and all that share it, answer, by the path.
        on: a host of its own; one of ``HOSTS``. Empty: shared with others.
    """

    name: str
    address: str
    answer: Answer
    expected: Classes
    why: str
    later: Classes = ""
    third: Classes = ""
    known: dict[str, str] = field(default_factory=dict)
    to: str = ""
    also: dict[str, Answer] = field(default_factory=dict)
    on: str = ""

    def accepted(self, day: int) -> tuple[str, ...]:
        """Return the classes that are right on a day, 1 to 3."""
        classes = [self.expected, self.later or self.expected]
        classes += [self.third or classes[1]]
        one = classes[day - 1]
        return one if isinstance(one, tuple) else (one,)


# ---- Certificates


def server_certificate(key, issuer, issuer_key, names: list, days: tuple[int, int] = (-1, 90)):
    """Return the certificate of a server.

    Args:
        key: the key pair of the server.
        issuer: the name of who issues it.
        issuer_key: the key pair of the issuer.
        names: its names, as ``x509.GeneralName``.
        days: when it starts and ends, in days from now.
    """
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    start, end = (now + datetime.timedelta(day) for day in days)
    return (
        x509.CertificateBuilder()
        .subject_name(certificates.name((NameOID.COMMON_NAME, "A server of the tests")))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(certificates.key_usage(key, True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )


def pem(*found: x509.Certificate) -> bytes:
    """Return certificates as PEM."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in found)


def contexts(folder: Path) -> dict[str, ssl.SSLContext]:
    """Return how each kind of host speaks TLS, and write the test CA to ``folder/ca.pem``."""
    (issuer, issuer_key), (root, root_key) = certificates.authorities()
    (folder / "ca.pem").write_bytes(pem(root))
    key = certificates.private_key("P-256")
    numbers = [f"127.0.{net}.{one}" for net in (0, 1) for one in range(1, 60)]
    ours = [x509.IPAddress(ipaddress.ip_address(number)) for number in numbers]
    ours.append(x509.DNSName("localhost"))
    theirs = [x509.DNSName("www.example.org")]
    by_issuer = (key, issuer.subject, issuer_key)
    itself = certificates.name((NameOID.COMMON_NAME, "A server of the tests"))
    stranger_key = certificates.private_key("RSA 2048")
    stranger = certificates.name((NameOID.COMMON_NAME, "Example Grid CA"))
    good = server_certificate(*by_issuer, ours)
    chains = {
        "": [good, issuer],
        "incomplete": [good],
        "expired": [server_certificate(*by_issuer, ours, (-400, -5)), issuer],
        "not-yet": [server_certificate(*by_issuer, ours, (5, 90)), issuer],
        "wrong-host": [server_certificate(*by_issuer, theirs), issuer],
        "self-signed": [server_certificate(key, itself, key, ours)],
        "unknown-ca": [server_certificate(key, stranger, stranger_key, ours)],
        "by-root": [server_certificate(key, root.subject, root_key, ours)],
        "old-tls": [good, issuer],
        "client-certificate": [good, issuer],
    }
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    made = {}
    for kind, chain in chains.items():
        file = folder / f"{kind or 'good'}.pem"
        file.write_bytes(key_pem + pem(*chain))
        made[kind] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made[kind].load_cert_chain(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made["old-tls"].set_ciphers("ALL:@SECLEVEL=0")
        made["old-tls"].minimum_version = made["old-tls"].maximum_version = ssl.TLSVersion.TLSv1
    made["client-certificate"].load_verify_locations(folder / "ca.pem")
    made["client-certificate"].verify_mode = ssl.CERT_REQUIRED
    return made


# The kinds of hosts that a case may have for itself. Beside those with a fault of TLS: a good
# one, one that speaks without TLS on its port, one that never greets, one that nobody serves;
# and a good one that all the cases on it share.
HOSTS = {
    *(
        "together",
        "alone",
        "plain",
        "silent",
        "refused",
        "incomplete",
        "expired",
        "not-yet",
        "wrong-host",
    ),
    *("self-signed", "unknown-ca", "by-root", "old-tls", "client-certificate"),
}

# ---- The server


class Loopback:
    """A server on many addresses of loopback, each a host of its own.

    Attributes:
        folder: temporary.
        ca: the certificate of the test CA, for SSL_CERT_FILE.
        day: which day it is for the cases that change; whoever asks sets it.
        asked: of each request, the host, the path with its query, and the headers, by small
            letters; ``:method`` is among them.
        sent: by host and path, how many bytes clients took of answers that go on for ever.
    """

    def __init__(self):
        self.day = 1
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.sent: Counter[str] = Counter()
        self._table: dict[str, dict[str, Answer]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._firsts: dict[tuple[str, str], float] = {}
        self._spans: dict[str, list[list[float]]] = {}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._selector = selectors.DefaultSelector()
        self._stopped = threading.Event()
        self._bound: list[socket.socket] = []
        self._here = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Listen on all the hosts, and return the server."""
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.ca = self.folder / "ca.pem"
        self._contexts = contexts(self.folder)
        # stop() wakes the thread that accepts by it.
        self._waker, waked = socket.socketpair()
        self._selector.register(waked, selectors.EVENT_READ, None)
        self.fill()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def fill(self) -> None:
        """Open the hosts, and say what they answer."""
        raise NotImplementedError

    def stop(self) -> None:
        """End everything, also what waits."""
        self._stopped.set()
        self._waker.close()
        self._acceptor.join(5)
        with self._lock:
            left, threads = list(self._open), list(self._threads)
        for one in left:
            # That of SSLSocket would take its state from the thread that uses it.
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)
        for thread in threads:
            thread.join(2)
        listeners = [key.fileobj for key in self._selector.get_map().values()]
        for one in [*listeners, *self._bound]:
            one.close()
        self._selector.close()
        self._folder.cleanup()

    def listen(self, ip: str = "", kind: str = "") -> str:
        """Open a host, and return it with its port.

        Args:
            ip: its number; a new one if empty.
            kind: one of ``HOSTS``; empty for good TLS.
        """
        if not ip:
            self._here += 1
            ip = f"127.0.1.{self._here}"
        listener = socket.socket()
        listener.bind((ip, 0))
        host = f"{ip}:{listener.getsockname()[1]}"
        if kind == "refused":
            # Nobody listens, and nobody else gets the port.
            self._bound.append(listener)
        else:
            listener.listen(64)
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, (host, kind))
        self._table.setdefault(host, {})
        self._spans.setdefault(ip, [])
        return host

    @property
    def most_at_once(self) -> dict[str, int]:
        """Return, by the number of the host, how many requests it worked on at most at a time."""
        most = {}
        with self._lock:
            spans = {ip: [list(one) for one in found] for ip, found in self._spans.items()}
        for ip, found in spans.items():
            steps = []
            for start, end in found:
                end = (end or time.monotonic()) - SLACK
                if end > start:
                    steps += [(start, 1), (end, -1)]
            now = most[ip] = 0
            for _, step in sorted(steps):
                now += step
                most[ip] = max(most[ip], now)
        return most

    @property
    def longest(self) -> float:
        """Return how long the longest request took, in seconds; for some, until it was left."""
        with self._lock:
            spans = [span for found in self._spans.values() for span in found]
        return max((end or time.monotonic()) - start for start, end in spans)

    def _accept(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                with suppress(OSError):
                    connection, _ = key.fileobj.accept()
                    arguments = (connection, *key.data)
                    thread = threading.Thread(target=self._serve, args=arguments, daemon=True)
                    with self._lock:
                        self._open.add(connection)
                        self._threads.add(thread)
                    thread.start()

    @contextmanager
    def _counted(self, host: str) -> Iterator[None]:
        span = [time.monotonic(), 0.0]
        with self._lock:
            self._spans[host.partition(":")[0]].append(span)
        try:
            yield
        finally:
            span[1] = time.monotonic()

    def _serve(self, connection: socket.socket, host: str, kind: str) -> None:
        raw = connection
        try:
            connection.settimeout(30)
            with self._counted(host):
                if kind == "silent":
                    while connection.recv(65536):
                        pass
                    return
                if kind != "plain":
                    context = self._contexts["" if kind == "alone" else kind]
                    connection = context.wrap_socket(
                        raw, server_side=True, do_handshake_on_connect=False
                    )
                    with self._lock:
                        self._open.discard(raw)
                        self._open.add(connection)
                    try:
                        connection.do_handshake()
                    except ssl.SSLError:
                        # Wait, so that the client learns why before the connection breaks.
                        drain(connection)
                        raise
                answer = self._answer(connection, host)
            if answer is not None:
                connection.sendall(answer)
                close(connection)
        except (OSError, ValueError):
            # The client has left, or does not like the certificate: as it should.
            pass
        finally:
            with self._lock:
                self._open -= {raw, connection}
                self._threads.discard(threading.current_thread())
            connection.close()

    def _answer(self, connection: socket.socket, host: str) -> bytes | None:
        got = b""
        while b"\r\n\r\n" not in got:
            more = connection.recv(65536)
            if not more:
                return None
            got += more
            if got.startswith(b"\x16\x03"):
                # TLS where none is spoken; so do nginx and Apache.
                return b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
            if len(got) > 1_000_000:
                return None
        first, *lines = got.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        method, target, *_ = [*first.split(" "), "", ""]
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        headers[":method"] = method
        path = target.partition("?")[0]
        with self._lock:
            self.asked.append((host, target, headers))
            self._counts[host, path] += 1
            count = self._counts[host, path]
            since = self._firsts.setdefault((host, path), time.monotonic())
        ask = Ask(method, target, headers, host, connection, self, count, since)
        return self.answer(ask)

    def answer(self, ask: Ask) -> bytes | None:
        """Answer a request as the table says; what is not there is not found."""
        table = self._table[ask.host]
        for key in (ask.target, ask.path, f"{ask.path.rpartition('/')[0]}/*"):
            if key in table:
                return table[key](ask)
        return not_found(ask)


def close(connection: socket.socket) -> None:
    """Close a connection so that the client knows that all has been said."""
    connection.settimeout(1)
    with suppress(OSError, ValueError):
        if isinstance(connection, ssl.SSLSocket):
            connection = connection.unwrap()
        drain(connection)


def drain(connection: socket.socket) -> None:
    """Say no more, and take what the client still sends, until it says nothing for a second."""
    # Without the methods of SSLSocket, whose state may be broken.
    with suppress(OSError):
        connection.settimeout(1)
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while socket.socket.recv(connection, 65536):
            pass


# ---- What is answered

PROSE = """<p>A personal certificate proves who you are to the services of a computing grid. You
ask for it once a year, keep it in a file with a password, and import it into your browser.</p>
<p>This page shows how to ask for one, which identifiers you need, and what to do if your family
name is not the one in the directory of your laboratory. Allow a quarter of an hour.</p>
<p>When you have it, make a copy, and keep it in a place that nobody else can read.</p>
"""
# No character of it is missing in ISO 8859-1.
FRENCH = """<p>Un certificat personnel prouve qui vous êtes aux services de la grille. Vous le
demandez une fois par an, puis vous le mettez dans votre navigateur.</p>
<p>Cette page montre comment le demander, et de quels identifiants vous avez besoin.</p>
"""


def html(title: str, body: str = PROSE, head: str = "", language: str = "en") -> str:
    """Return a page."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n{head}'
        f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def filled(ask: Ask, text: str | bytes) -> bytes:
    """Return a text with the names of the hosts in their places, as bytes."""
    data = text.encode() if isinstance(text, str) else text
    for name, host in ask.server.names(ask.host).items():
        data = data.replace(b"{%b}" % name.encode(), host.encode())
    return data


def reply(
    body: str | bytes = b"",
    status: str = "200 OK",
    kind: str = "text/html; charset=utf-8",
    headers: tuple[str | bytes, ...] = (),
    length: int | None = 0,
) -> Answer:
    """Answer with a body.

    Args:
        body: hosts are filled in.
        status: the number and the reason.
        kind: the type of the content; empty for no header.
        headers: further lines.
        length: how much to add to the true length in the header; None for no such header.
    """

    def answer(ask: Ask) -> bytes:
        data = filled(ask, body)
        lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *headers]
        if length is not None:
            lines.append(f"Content-Length: {len(data) + length}")
        lines.append("Connection: close")
        head = b"".join(filled(ask, line) + b"\r\n" for line in lines) + b"\r\n"
        return head if ask.method == "HEAD" else head + data

    return answer


def page(title: str, body: str = PROSE, head: str = "", **options) -> Answer:
    """Answer with a page that a reader gets; options as those of ``reply``."""
    return reply(html(title, body, head), **options)


def status(code: str, body: str = "", headers: tuple[str | bytes, ...] = (), **options) -> Answer:
    """Answer with a number and its reason, and a page that says the same."""
    return reply(body or html(code, f"<p>{code}</p>"), code, headers=headers, **options)


def redirect(code: int, location: str | bytes, *headers: str) -> Answer:
    """Send the client elsewhere."""
    reasons = {301: "Moved Permanently", 302: "Found", 303: "See Other", 307: "Temporary Redirect"}
    line = b"Location: " + (location.encode() if isinstance(location, str) else location)
    code_and_reason = f"{code} {reasons.get(code, 'Permanent Redirect')}"
    return status(code_and_reason, headers=(line, *headers))


def refresh(seconds: str, to: str, body: str = "<p>Redirecting…</p>") -> Answer:
    """Answer with a page that leads to another after some seconds."""
    return page(
        "Redirecting…", body, f'<meta http-equiv="refresh" content="{seconds}; url={to}">\n'
    )


def each_time(*answers: Answer) -> Answer:
    """Answer so the first request, so the second; the last goes on."""
    return lambda ask: answers[min(ask.count, len(answers)) - 1](ask)


def each_day(*answers: Answer) -> Answer:
    """Answer so on the first day, so on the second; the last goes on."""
    return lambda ask: answers[min(ask.server.day, len(answers)) - 1](ask)


def until(seconds: float, first: Answer, then: Answer) -> Answer:
    """Answer one way until some seconds after the first request, then the other way."""
    return lambda ask: (first if time.monotonic() - ask.first < seconds else then)(ask)


def later(seconds: float, then: Answer) -> Answer:
    """Answer after some seconds."""
    return lambda ask: None if ask.gone(seconds) else then(ask)


def if_header(name: str, pattern: str, yes: Answer, no: Answer) -> Answer:
    """Answer by whether a header of the request, empty if missing, holds a pattern."""
    return lambda ask: (yes if re.search(pattern, ask.headers.get(name, "")) else no)(ask)


def if_method(method: str, yes: Answer, no: Answer) -> Answer:
    """Answer by the method."""
    return lambda ask: (yes if ask.method == method else no)(ask)


def if_query(pattern: str, yes: Answer, no: Answer) -> Answer:
    """Answer by whether the query holds a pattern."""
    return lambda ask: (yes if re.search(pattern, ask.target.partition("?")[2]) else no)(ask)


def raw(data: bytes) -> Answer:
    """Send bytes as they are."""
    return lambda ask: data


def hold(data: bytes = b"") -> Answer:
    """Send some bytes, then nothing more, for ever."""

    def answer(ask: Ask) -> None:
        ask.send(data)
        ask.gone(120)

    return answer


def drip(data: bytes, drop: bytes = b"x", every: float = 1) -> Answer:
    """Send some bytes, then a drop each second, for ever."""

    def answer(ask: Ask) -> None:
        ask.send(data)
        for _ in range(120):
            if ask.gone(every):
                return
            ask.send(drop)

    return answer


def flood(data: bytes, wave: bytes) -> Answer:
    """Send some bytes, then waves as fast as they are taken, for ever.

    After ``FLOOD`` bytes only the line stays open: the machine of the tests has limits too.
    """

    def answer(ask: Ask) -> None:
        ask.send(data)
        for _ in range(FLOOD // len(wave)):
            ask.send(wave)
        ask.gone(120)

    return answer


def bomb(data: bytes) -> Answer:
    """Send a small compressed body that becomes a thousand times as long, ``FLOOD`` bytes."""
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush, the same bytes pack into the same bytes.
    wave = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = ok_head("Content-Encoding: gzip")

    def answer(ask: Ask) -> None:
        ask.send(head + start + wave * (FLOOD // 2**20))
        ask.gone(120)

    return answer


def ok_head(*headers: str) -> bytes:
    """Return the start of a good answer whose end is that of the connection."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def reset(data: bytes = b"") -> Answer:
    """Send some bytes, let the client take them, then break the connection."""

    def answer(ask: Ask) -> None:
        if data:
            ask.send(data)
            ask.gone(0.2)
        ask.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ask.connection.close()

    return answer


def cut(data: bytes) -> Answer:
    """Send some bytes and close, without the farewell of TLS."""

    def answer(ask: Ask) -> None:
        ask.send(data)
        ask.connection.close()

    return answer


def packed(body: str, how: str, only_if_asked: bool = True) -> Answer:
    """Answer with a compressed body.

    Args:
        body: a page.
        how: gzip, deflate or br.
        only_if_asked: whether a client that does not ask for it gets it as it is.
    """
    # Brotli may hold its bytes as they are (RFC 7932, 9.2): no library is needed to write it.
    packers = {"gzip": gzip.compress, "deflate": zlib.compress, "br": stored_brotli}
    data = packers[how](body.encode())

    def answer(ask: Ask) -> bytes:
        if only_if_asked and how not in ask.headers.get("accept-encoding", ""):
            return reply(body)(ask)
        return reply(data, headers=(f"Content-Encoding: {how}", "Vary: Accept-Encoding"))(ask)

    return answer


def stored_brotli(data: bytes) -> bytes:
    """Return bytes as Brotli, without making them shorter; at most 65536."""
    # WBITS 16 (0), not the last block (0), 4 nibbles (00), length - 1, uncompressed (1);
    # then, at a whole byte, the bytes, and an empty last block (11).
    bits = ((len(data) - 1) << 4) | (1 << 20)
    return bits.to_bytes(3, "little") + data + b"\x03"


def chunked(body: bytes, size: int = 100, end: bytes = b"0\r\n\r\n") -> Answer:
    """Answer with a body in chunks."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    data = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + end
    head = ok_head("Transfer-Encoding: chunked")
    return lambda ask: head if ask.method == "HEAD" else head + data


not_found = status("404 Not Found")


class HostileServer(Loopback):
    """The server of a table of cases.

    Args:
        cases: the table.
        shared: what each host answers beside, by the path; ``*`` stands for a last part.
    """

    def __init__(self, cases: list[Case], shared: dict[str, Answer]):
        super().__init__()
        self.cases, self._shared = cases, shared
        self._hosts: dict[str, str] = {}

    def fill(self) -> None:
        """Open the hosts, and put the cases on them."""
        self._usual = [self.listen(ip) for ip in SHARED_HOSTS]
        self._plain = self.listen(kind="plain")
        self._together = self.listen()
        for host in (*self._usual, self._plain, self._together):
            self._table[host] |= self._shared
        turn = 0
        for case in self.cases:
            host = self._usual[turn % len(self._usual)]
            if case.on == "together":
                host = self._together
            elif case.on:
                host = self.listen(kind=case.on)
                self._table[host] |= self._shared
            else:
                turn += 1
            self._hosts[case.name] = host
            path = re.sub(r"^https://[^/]*|#.*", "", case.address)
            for key, answer in {path: case.answer, **case.also}.items():
                if not case.on and key in self._table[host]:
                    raise ValueError(f"{case.name}: another case has {key}")
                self._table[host][key] = answer

    def names(self, host: str) -> dict[str, str]:
        """Return the names of hosts that stand in addresses of a host."""
        turn = self._usual.index(host) if host in self._usual else 0
        other = self._usual[(turn + 1) % len(self._usual)]
        return {"host": host, "other": other, "plain": self._plain, "first": self._usual[0]}

    def address(self, case: Case) -> str:
        """Return the address to ask."""
        return self._named(case, case.address)

    def to(self, case: Case) -> str:
        """Return the address to be proposed; empty if none must be."""
        return self._named(case, case.to)

    def _named(self, case: Case, text: str) -> str:
        for name, host in self.names(self._hosts[case.name]).items():
            text = text.replace("{" + name + "}", host)
        return text


class FlakyServer(Loopback):
    """Pages that are there, gone or broken, behind answers that fail at random.

    Args:
        seed: of what is random; the nth answer of a page is the same in each run.
        pages: how many are there.
        missing: how many are not, and say so with 404.
        broken: how many end otherwise: 500 for ever, or closed without an answer.
        share: of the answers that fail, from 0 to 1.

    Attributes:
        there: the addresses of the pages that are there.
        gone: of those that are not.
        dead: of those that are broken.
    """

    def __init__(
        self, seed: int, pages: int = 60, missing: int = 6, broken: int = 6, share: float = 0.1
    ):
        super().__init__()
        self._seed, self._share = seed, share
        self._numbers = {"there": pages, "gone": missing, "dead": broken}
        self.there: list[str] = []
        self.gone: list[str] = []
        self.dead: list[str] = []

    def fill(self) -> None:
        """Open the hosts, and put the pages on them."""
        hosts = [self.listen(ip) for ip in SHARED_HOSTS]
        for kind, number in self._numbers.items():
            for count in range(number):
                host, path = hosts[count % len(hosts)], f"/{kind[0]}/{count}"
                broken = cut(b"") if count % 2 else status("500 Internal Server Error")
                right = {"there": page(f"Page {count}"), "gone": not_found, "dead": broken}[kind]
                self._table[host][path] = self._flaky(right)
                getattr(self, kind).append(f"https://{host}{path}")

    def names(self, host: str) -> dict[str, str]:
        """Return no names: its answers hold none."""
        return {}

    def _flaky(self, right: Answer) -> Answer:
        failures = [
            status("500 Internal Server Error"),
            status("429 Too Many Requests", headers=("Retry-After: 1",)),
            reset(),
        ]

        def answer(ask: Ask) -> bytes | None:
            random = Random(f"{self._seed} {ask.host.partition(':')[0]}{ask.path} {ask.count}")
            if random.random() < self._share:
                return random.choice(failures)(ask)
            return right(ask)

        return answer
