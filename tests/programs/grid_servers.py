"""The servers of the grid, in a machine of their own: real ones, on their usual ports."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from certificates import authorities
from grid import SERVER, Machine
from grid_authorities import person, subject, write_host_certificate
from web_server import give, host

# A busy machine starts them slowly.
SECONDS = 30
VO = "testvo"
VOMS_PORT = 15000
# What the servers know the person as.
ACCOUNT = "anna"
HELLO = "Hello, grid!\n"
# It lets in only those who show a certificate, and whom the gridmap names (-gmapopt:2).
XROOTD = """
all.export /data
oss.localroot {folder}
all.adminpath {folder}/run
all.pidpath {folder}/run
xrootd.seclib libXrdSec.so
sec.protocol gsi -cert:{certificate} -key:{key} -gridmap:{folder}/gridmap -gmapopt:2 -dlgpxy:0 \
{more}
sec.protbind * only gsi
"""
# The tables that the queries of libvomsmysql.so name, of the version 3 of its scheme. A
# statement stands on one line, for mariadbd.
VOMS_TABLES = """
CREATE DATABASE voms;
USE voms;
CREATE TABLE version (version INT);
INSERT INTO version VALUES (3);
CREATE TABLE ca (cid INT, subject_string TEXT, ca TEXT);
INSERT INTO ca VALUES (1, '{issuer}', '{issuer}');
CREATE TABLE certificate (usr_id INT, subject_string TEXT, ca_id INT, suspended BOOL, suspended_reason TEXT);
INSERT INTO certificate VALUES (1, '{person}', 1, FALSE, NULL);
CREATE TABLE groups (gid INT, dn TEXT);
INSERT INTO groups VALUES (1, '/testvo');
CREATE TABLE roles (rid INT, role TEXT);
INSERT INTO roles VALUES (1, 'production');
CREATE TABLE m (userid INT, gid INT, rid INT);
INSERT INTO m VALUES (1, 1, NULL), (1, 1, 1);
CREATE TABLE attributes (a_id INT, a_name TEXT);
CREATE TABLE usr_attrs (a_id INT, u_id INT, a_value TEXT);
CREATE TABLE group_attrs (a_id INT, g_id INT, a_value TEXT);
CREATE TABLE role_attrs (a_id INT, g_id INT, r_id INT, a_value TEXT);
"""  # noqa: E501
MYPROXY = 'accepted_credentials "*"\nauthorized_retrievers "*"\ndefault_retrievers "*"\n'


class Server:
    """A server of a machine; it ends with the machine.

    Attributes:
        folder: its files.
        log: what it prints.
        process: its process, until it goes to the background.
    """

    def __init__(self, machine: Machine, name: str):
        """Prepare a folder for it, which is the ordinary user's.

        Args:
            machine: the machine.
            name: the name of the folder.
        """
        self.machine = machine
        self.folder = machine.folder / name
        self.folder.mkdir(mode=0o755)
        self.log = machine.folder / f"{name}.log"
        self.certificate, self.key = write_host_certificate(machine.folder)

    def run(self, *command: str | Path, answers: Callable[[], bool], **variables: str) -> None:
        """Start it, and wait until it answers.

        Args:
            command: the program and its arguments.
            answers: tells whether it does.
            variables: what is to be in its environment, too.

        Raises:
            TimeoutError: it does not; its own words are in the message.
        """
        give(self.folder, *self.folder.iterdir())
        with self.log.open("wb") as log:
            self.process = self.machine.start(
                *command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | variables,
            )
        end = time.monotonic() + SECONDS
        while not answers():
            if time.monotonic() > end or self.process.poll():
                raise TimeoutError(f"{command[0]}: {self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def listens(self, port: int) -> bool:
        """Tell whether somebody in the machine listens at a port."""
        # The states of sockets stand in proc(5): 0A is TCP_LISTEN.
        tables = (Path(f"/proc/{self.machine.process}/net/{one}") for one in ("tcp", "tcp6"))
        lines = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
        return any(line[1].endswith(f":{port:04X}") and line[3] == "0A" for line in lines)


def xrootd(machine: Machine, *more: str) -> Server:
    """Start a server of files, which knows the person, and return it.

    Args:
        machine: the machine.
        more: further options of its security, as in ``-crl:3``.
    """
    server = Server(machine, "xrootd")
    for name in ("data", "run"):
        (server.folder / name).mkdir()
    (server.folder / "data/hello.txt").write_text(HELLO)
    (server.folder / "gridmap").write_text(f'"{subject(person())}" {ACCOUNT}\n')
    settings = server.folder / "xrootd.cfg"
    paths = {"folder": server.folder, "certificate": server.certificate, "key": server.key}
    settings.write_text(XROOTD.format(**paths, more=" ".join(more)))
    give(server.folder / "data/hello.txt")
    server.run("xrootd", "-c", settings, answers=lambda: server.listens(1094))
    return server


def voms_server(machine: Machine) -> Server:
    """Start a virtual organisation that has the person as a member, and return its server."""
    issuer, _ = authorities()[0]
    database = Server(machine, "mariadb")
    (database.folder / "tables.sql").write_text(
        VOMS_TABLES.format(person=subject(person()), issuer=subject(issuer))
    )
    socket = database.folder / "socket"
    database.run(
        *("mariadbd", "--no-defaults", f"--datadir={database.folder}", f"--socket={socket}"),
        *("--skip-networking", "--skip-grant-tables", f"--pid-file={database.folder}/pid"),
        f"--init-file={database.folder}/tables.sql",
        answers=socket.exists,
    )
    server = Server(machine, "voms")
    password = server.folder / "password"
    # The database asks for none, but the server wants one, in a file of this mode.
    password.write_text("none\n")
    password.chmod(0o640)
    known = machine.folder / f"etc/grid-security/vomsdir/{VO}"
    known.mkdir()
    (known / f"{SERVER}.lsc").write_text(f"{subject(host()[0])}\n{subject(issuer)}\n")
    server.run(
        *("voms", "-foreground", "-vo", VO, "-port", str(VOMS_PORT), "-code", str(VOMS_PORT)),
        *("-uri", f"{SERVER}:{VOMS_PORT}", "-logfile", server.folder / "log"),
        *("-sqlloc", "/usr/lib/voms/libvomsmysql.so", "-mysql-socket", socket),
        *("-contactstring", "localhost", "-dbname", "voms", "-username", "voms"),
        *("-passfile", password, "-x509_cert_dir", "/etc/grid-security/certificates"),
        *("-x509_user_cert", server.certificate, "-x509_user_key", server.key),
        answers=lambda: server.listens(VOMS_PORT),
    )
    return server


def vomses(home: Path) -> None:
    """Tell the programs of a reader where the server of the virtual organisation is."""
    line = f'"{VO}" "{SERVER}" "{VOMS_PORT}" "{subject(host()[0])}" "{VO}"\n'
    (home / ".voms").mkdir()
    (home / ".voms/vomses").write_text(line)
    (home / ".voms/vomses").chmod(0o644)


def myproxy_server(machine: Machine) -> Server:
    """Start a server that keeps proxies, and return it."""
    server = Server(machine, "myproxy")
    (server.folder / "store").mkdir(mode=0o700)
    (server.folder / "myproxy.conf").write_text(MYPROXY)
    server.run(
        *("myproxy-server", "-l", "127.0.0.1", "-c", server.folder / "myproxy.conf"),
        *("-s", server.folder / "store", "-P", server.folder / "pid"),
        answers=lambda: server.listens(7512),
        X509_USER_CERT=str(server.certificate),
        X509_USER_KEY=str(server.key),
    )
    return server
