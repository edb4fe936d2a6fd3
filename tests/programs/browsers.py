"""Firefox, Thunderbird and Chromium: started by an ordinary user, each with its own profile."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from marionette_driver.marionette import Marionette

from terminal import kill_session
from web_server import WITH_US, WebServer, give, ordinary_user
from zoo import Specimen, make

SECONDS = 60
# What a machine without a bus and without a network would only complain of.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET += ["--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check"]
# Chromium's sandbox needs more than a container or an ordinary user may have. Whether the
# server is trusted is not the matter here.
CHROMIUM = ["chromium", "--no-sandbox", "--ignore-certificate-errors", *QUIET]
# Firefox and Thunderbird: no page of welcome, no question which certificate to send, and a
# port that nobody else has.
SETTINGS = {
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "marionette.port": 0,
    "security.default_personal_cert": "Select Automatically",
    "termsofuse.bypassNotification": True,
    "browser.preonboarding.enabled": False,
}
DATABASE = """
const database = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
const mine = () => database.getCerts().filter(c => c.certType & Ci.nsIX509Cert.USER_CERT);
"""
IMPORT = """
const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
file.initWithPath(arguments[0]);
return database.importPKCS12File(file, arguments[1]);
"""
GO = """
const [window] = [...Services.wm.getEnumerator("navigator:browser")];
const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();
window.gBrowser.fixupAndLoadURIString(arguments[0], {triggeringPrincipal});
"""
# nsIX509CertDB.idl.
IMPORTED, WRONG_PASSWORD = 0, 6
# What a certificate is asked to be good for: verifyUsageTLSClient and verifyUsageEmailSigner
# of nsIX509CertDB.idl.
USAGES = {"TLS client": 3, "e-mail signer": 5}
VERIFY = """
const [usage, done] = [arguments[0], arguments[arguments.length - 1]];
const now = Date.now() / 1000, local = Ci.nsIX509CertDB.FLAG_LOCAL_ONLY;
const found = mine().map(one => new Promise(resolve => database.asyncVerifyCertAtTime(
    one, usage, local, null, now, [], (error) => resolve([one.serialNumber, error]))));
Promise.all(found).then(done);
"""


@contextlib.contextmanager
def home_folder() -> Iterator[Path]:
    """Make a home folder for an ordinary user, for a time.

    Yields:
        The folder.
    """
    with tempfile.TemporaryDirectory(prefix="home-") as name:
        give(Path(name))
        yield Path(name)


def put(specimen: Specimen, home: Path, name: str = "Certificate.p12") -> Path:
    """Put a file of the zoo into a home folder, for its owner alone, and return its path.

    Args:
        specimen: the file.
        home: the home folder.
        name: the path of the file in it.
    """
    path = home / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(0o600)
    path.write_bytes(make(specimen))
    give(path.parent, path)
    return path


def environment(home: Path, language: str = "en", display: str = "") -> dict[str, str]:
    """Return the environment of a reader.

    Args:
        home: the home folder.
        language: the language of the desktop.
        display: the screen, if there is one.
    """
    locale = {"en": "C.UTF-8", "fr": "fr_FR.UTF-8"}[language]
    found = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": locale, "LANGUAGE": language}
    found |= {"XDG_RUNTIME_DIR": str(home), "NO_AT_BRIDGE": "1"}
    return found | ({"DISPLAY": display} if display else {})


@contextlib.contextmanager
def started(command: list, variables: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """Run a program as an ordinary user, and end it with all that it has started.

    Args:
        command: the program and its arguments.
        variables: its environment.
        log: where what it says goes.

    Yields:
        The process.
    """
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*WITH_US, *command],
            env=variables,
            stdout=said,
            stderr=said,
            start_new_session=True,
            **ordinary_user(),
        )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        kill_session(process.pid)
        process.wait(10)


def first_line(file: Path, process: subprocess.Popen) -> str:
    """Return the first line of a file in which a program writes its port.

    Args:
        file: the file; it comes into being.
        process: the program.

    Raises:
        TimeoutError: it has ended, or the time is over.
    """
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        if file.exists() and (text := file.read_text()):
            return text.splitlines()[0]
        time.sleep(0.1)
    raise TimeoutError(f"{process.args[0]} has not written {file.name}")


# -- Firefox and Thunderbird ----------------------------------------------------------------


class Mozilla:
    """A running Firefox or Thunderbird.

    Attributes:
        client: what drives it.
    """

    def __init__(self, client: Marionette):
        """Take over a program that has just started.

        Args:
            client: its session.
        """
        self.client = client

    def do(self, script: str, *arguments):
        """Run JavaScript with the rights of the program's own code, and return its result."""
        with self.client.using_context("chrome"):
            return self.client.execute_script(script, list(arguments), sandbox="system")

    def do_later(self, script: str, *arguments):
        """Run JavaScript that calls its last argument in the end, and return what it gives."""
        with self.client.using_context("chrome"):
            return self.client.execute_async_script(script, list(arguments), sandbox="system")

    def read(self, file: Path, password: str) -> int:
        """Import a file by the code that the button Import… calls, and return its result."""
        return self.do(DATABASE + IMPORT, str(file), password)

    def subjects(self) -> list[str]:
        """Return the subjects of the certificates whose key is in the store."""
        return self.do(DATABASE + "return mine().map(one => one.subjectName);")

    def empty(self) -> None:
        """Delete the certificates whose key is in the store."""
        self.do(DATABASE + "mine().forEach(one => database.deleteCertificate(one));")

    def trust(self, authority: Path) -> None:
        """Trust an authority, for websites and for e-mail."""
        text = "".join(authority.read_text().strip().splitlines()[1:-1])
        self.do(DATABASE + 'database.addCertFromBase64(arguments[0], "C,C,C");', text)

    def fitness(self, usage: str) -> dict[int, int]:
        """Return for each certificate with a key whether it is good for something.

        Args:
            usage: one of ``USAGES``.

        Returns:
            The error, 0 for none, by the serial number.
        """
        found = self.do_later(DATABASE + VERIFY, USAGES[usage])
        return {int(serial.replace(":", ""), 16): error for serial, error in found}

    def go(self, address: str) -> None:
        """Begin to open a page: before it is there, the program may ask something."""
        self.do(GO, address)

    def text(self) -> str:
        """Return the text of the page that is open."""
        with self.client.using_context("content"):
            return self.client.execute_script("return document.body?.innerText ?? '';")

    def visit(self, address: str) -> None:
        """Open a page, and wait until it is there."""
        with self.client.using_context("content"):
            self.client.navigate(address)


@contextlib.contextmanager
def mozilla(
    program: str,
    home: Path,
    language: str = "en",
    display: str = "",
    settings: dict[str, str | bool] | None = None,
) -> Iterator[Mozilla]:
    """Run Firefox or Thunderbird.

    Args:
        program: ``firefox-esr`` or ``thunderbird``.
        home: a home folder.
        language: the language of the program.
        display: the screen; without any, it has no window.
        settings: what is to be set as ``about:config`` does.

    Yields:
        The program.
    """
    profile = home / "profile"
    # It may have been started before.
    profile.mkdir(exist_ok=True)
    (profile / "MarionetteActivePort").unlink(missing_ok=True)
    wanted = (
        SETTINGS
        | (settings or {})
        | {"intl.locale.requested": {"en": "en-US"}.get(language, language)}
    )
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in wanted.items()]
    (profile / "user.js").write_text("".join(lines))
    give(profile, profile / "user.js")
    command = [program, "--no-remote", "--profile", profile]
    command += ["--marionette", "--remote-allow-system-access"]
    command += [] if display else ["--headless"]
    variables = environment(home, language, display)
    with started(command, variables, home / "messages") as process:
        port = int(first_line(profile / "MarionetteActivePort", process))
        client = Marionette(host="127.0.0.1", port=port, socket_timeout=SECONDS)
        # The tests answer what it asks.
        client.start_session({"unhandledPromptBehavior": "ignore"})
        client.timeout.script = SECONDS
        try:
            yield Mozilla(client)
        finally:
            client.cleanup()


# -- Chromium -------------------------------------------------------------------------------


def chromium_profile(home: Path, server: WebServer) -> Path:
    """Make a profile in which Chromium sends a certificate to a server without asking which.

    An administrator would do that with the policy AutoSelectCertificateForUrls; the profile
    knows it as an exception of the kind ``auto_select_certificate``
    (components/content_settings/core/browser/website_settings_registry.cc).

    Args:
        home: a home folder.
        server: the server.

    Returns:
        The folder of the profile.
    """
    folder = Path(tempfile.mkdtemp(prefix="chromium-", dir=home))
    exception = {f"{server.address.rstrip('/')},*": {"setting": {"filters": [{}]}}}
    content = {"exceptions": {"auto_select_certificate": exception}}
    default = folder / "Default"
    default.mkdir()
    (default / "Preferences").write_text(json.dumps({"profile": {"content_settings": content}}))
    give(folder, default, default / "Preferences")
    return folder


def visit_with_chromium(home: Path, server: WebServer, path: str) -> None:
    """Open a page with Chromium, which has no window.

    Args:
        home: a home folder.
        server: the server.
        path: the path of the page.
    """
    command = [*CHROMIUM, "--headless", f"--user-data-dir={chromium_profile(home, server)}"]
    command += ["--dump-dom", server.address + path.lstrip("/")]
    with started(command, environment(home), home / "messages") as process:
        process.wait(SECONDS)
