"""curl reaches a web server with the pair, and with the file, that the pages have put in place."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

import installed
import proofs
from browsers import home_folder, put
from evidence import FAILS, WORKS
from homes import PASSWORD
from kinds import FILES, is_read_by_openssl
from scenes import converted
from terminal import Terminal, end
from walks import Route, Walk, answers, follow, steps
from web_server import SUBJECT, Visit
from zoo import Missing, common, make

PAGE = "use-certificate"
ASKED = r"Password of the file:"


@pytest.fixture(scope="module")
def homes_of(guide, server):
    """The home folders of readers who have followed the conversion, by the way they went."""
    installed.needs("curl")
    with contextlib.ExitStack() as stack:
        found = {way: stack.enter_context(home_folder()) for way in ("", "usercred")}
        for way, home in found.items():
            # With the modes and the owner of each file.
            subprocess.run(["cp", "-a", f"{converted(guide, way)}/.", home], check=True)
            know(home, server)
        yield found


def know(home: Path, server) -> None:
    """Have curl find the server under the name that the page prints, and trust it."""
    settings = [f'connect-to = "server.example.org:443:127.0.0.1:{server.port}"']
    settings += [f'cacert = "{server.root}"']
    (home / ".curlrc").write_text("\n".join(settings) + "\n")


def typed(
    guide, server, home: Path, way: str, password: str = PASSWORD, shell: str = "bash"
) -> tuple[Walk, list[Visit]]:
    """Type the commands of a way of the page as an ordinary user.

    Args:
        guide: the guide.
        server: the server.
        home: the home folder.
        way: the way.
        password: what is typed as the password of the file.
        shell: the shell.

    Returns:
        What happened, and what the server saw of it.
    """
    earlier = len(server.visits(least=0))
    done = Walk(home)
    terminal = Terminal(home, {ASKED: password} | answers(PASSWORD), shell)
    route = Route(PAGE, common("AES-256", PASSWORD), way, shell=shell, old=False)
    try:
        follow(guide, route, terminal, done, steps(guide, PAGE, way))
        _, left = terminal.type('printf %s "$password"')
    finally:
        terminal.close()
    if left:
        done.problem = "the shell still knows the password: unset it"
    visits = server.visits(least=earlier + 1)[earlier:]
    proofs.keep(route, done, installed.about("curl"))
    return done, visits


@pytest.mark.parametrize(("way", "before"), [("curl", ""), ("curl-p12", "usercred")])
def test_curl_is_let_in_as_printed(guide, server, homes_of, way, before):
    """As printed, curl sends the certificate, and the server knows its subject."""
    done, visits = typed(guide, server, homes_of[before], way)
    assert not done.problem, done.problem
    assert done.finished
    (visit,) = visits
    assert visit.status == 200
    assert (visit.verified, visit.grid_subject) == ("SUCCESS", SUBJECT)
    assert visit.program.startswith("curl/")


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh"])
def test_password_with_quotation_marks_is_typed_as_the_page_says(guide, server, shell):
    """With a backslash before each quotation mark and each backslash, the password is right."""
    if not shutil.which(shell):
        pytest.skip(f"install the Debian package {shell}")
    with home_folder() as home:
        know(home, server)
        put(common("AES-256", ' quotes " and \\ $HOME '), home, ".globus/usercred.p12")
        done, visits = typed(guide, server, home, "curl-p12", ' quotes \\" and \\\\ $HOME ', shell)
    assert not done.problem, done.problem
    assert [visit.grid_subject for visit in visits] == [SUBJECT]


def test_password_does_not_show(guide, tmp_path):
    """While the password is typed, the terminal shows nothing; behind it, it shows again."""
    asking = command(guide, "curl-p12", "read")
    for shell in (one for one in ("bash", "dash", "zsh") if shutil.which(one)):
        child = pexpect.spawn(shell, ["-i"], cwd=tmp_path, env={"PATH": os.environ["PATH"]})
        try:
            child.sendline(asking)
            child.expect("Password of the file: $")
            assert child.waitnoecho(5), shell
            child.sendline(PASSWORD)
            child.sendline("echo end=$?")
            child.expect("end=0")
            assert PASSWORD.encode() not in child.before, shell
        finally:
            end(child)


def command(guide, way: str, program: str = "curl") -> str:
    """Return the command of a way of the page that calls a program, curl if not another."""
    found = [one.typed for block in steps(guide, PAGE, way) for one in block.commands]
    return next(one for one in found if f"{program} " in one)


def test_curl_does_not_ask_for_the_password_of_the_file(guide, homes_of):
    """Without what stands before it, the command finds the password wrong."""
    alone = command(guide, "curl-p12").split(" | ")[1].replace("-K - ", "")
    terminal = Terminal(homes_of["usercred"], {})
    status, shown = terminal.type(alone)
    terminal.close()
    assert status == 58
    assert "could not parse PKCS12 file, check password" in shown


def test_nginx_says_that_there_was_no_certificate(server, homes_of):
    """Without a certificate, the answer is the one that the page quotes."""
    terminal = Terminal(homes_of[""], {})
    _, shown = terminal.type("curl https://server.example.org/nobody")
    terminal.close()
    assert "400 No required SSL certificate was sent" in shown
    (visit,) = server.visits("/nobody")
    assert (visit.verified, visit.subject, visit.status) == ("NONE", "", 400)


def test_folder_of_the_grid_makes_curl_trust_a_server(guide, server, homes_of):
    """Where curl does not know the authority of a server, the option of the page helps."""
    home = homes_of[""]
    (home / ".curlrc").write_text(
        f'connect-to = "server.example.org:443:127.0.0.1:{server.port}"\n'
    )
    # Of what is in the folder of the grid, only the certificates count here.
    folder = home / "certificates"
    folder.mkdir()
    (folder / "authorities.pem").write_bytes((server.folder / "root.pem").read_bytes())
    subprocess.run(["openssl", "rehash", folder], check=True)
    terminal = Terminal(home, answers(PASSWORD))
    try:
        status, shown = terminal.type(command(guide, "curl"))
        assert status == 60
        assert "unable to get local issuer certificate" in shown
        status, shown = terminal.type(command(guide, "curl") + " --capath ~/certificates")
        assert status == 0, shown
        assert SUBJECT in shown
    finally:
        terminal.close()
        know(home, server)


@pytest.mark.extended
@pytest.mark.parametrize("kind", FILES)
def test_curl_reads_the_kinds_that_it_is_known_to_read(server, tmp_path, kind):
    """A file is read if its subject reaches the server."""
    specimen = FILES[kind]
    try:
        (tmp_path / "usercred.p12").write_bytes(make(specimen))
    except Missing as error:
        pytest.skip(str(error))
    words = specimen.password.replace("\\", "\\\\").replace('"', '\\"')
    settings = f'cert-type = P12\ncert = "{tmp_path}/usercred.p12"\n'
    # Newer versions take no empty value.
    settings += f'pass = "{words}"\n' if words else ""
    options = ["--disable", "--silent", "--cacert", server.root, "--config", "-"]
    address = f"{server.address}{kind.replace(' ', '-')}"
    subprocess.run(["curl", *options, address], input=settings.encode(), timeout=10, check=False)
    visits = server.visits(f"/{kind.replace(' ', '-')}")
    found = [visit.grid_subject for visit in visits] == [SUBJECT]
    proofs.record("read", installed.about("curl"), WORKS if found else FAILS, kind=kind)
    assert found == is_read_by_openssl(kind)
