"""What the buttons and menus of the installed programs say, read from the programs."""

import itertools
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from zipfile import ZipFile

from fluent.syntax import FluentParser, ast
from playwright.sync_api import sync_playwright

from installed import PROGRAMS

# The commands of what the pages quote.
COMMANDS = {"chromium": "chromium", "firefox": "firefox-esr", "thunderbird": "thunderbird"}
# What the windows that the pages lead through are made of: the menu and the settings; and the
# certificate manager and the choice of a certificate for a site, which both programs share.
WINDOWS = {
    "firefox": r"browser/(appmenu|preferences/preferences)\.ftl",
    "thunderbird": r"messenger/(messenger|preferences/preferences)\.ftl",
}
SHARED = r"security/(certificates/certManager|pippki/pippki)\.ftl"
# The page of Chromium's own whose words are read, and in which file of its source the others
# are that belong to it, such as what goes wrong: with names that begin alike.
ADDRESS = "chrome://certificate-manager"
SOURCE = "certificate_manager.grdp"
PREFIX = "IDS_SETTINGS_CERTIFICATE_MANAGER_V2_"
PACKED = {"en": "en-US"}


class Missing(Exception):
    """The words of a program in a language are not installed; the text says what to do."""


def strings(program: str, language: str) -> dict[str, str]:
    """Return what a program says, by the keys under which it keeps it.

    Args:
        program: one of ``COMMANDS``.
        language: the code of a language.

    Raises:
        Missing: the program does not have this language.
    """
    return in_chromium(language) if program == "chromium" else in_mozilla(program, language)


def files_of(package: str) -> list[str]:
    """Return what an installed Debian package holds; nothing where it is not installed."""
    done = subprocess.run(["dpkg-query", "-L", package], capture_output=True, text=True)
    return done.stdout.splitlines()


@cache
def in_mozilla(program: str, language: str) -> dict[str, str]:
    """Return the texts of Firefox or Thunderbird, from its archive or that of a language.

    A key is that of Fluent: ``MESSAGE``, or ``MESSAGE.ATTRIBUTE`` as for most buttons.

    Raises:
        Missing: there is no archive for the language.
    """
    package = PROGRAMS[COMMANDS[program]][1]
    if language == "en":
        archives = [file for file in files_of(package) if file.endswith("/omni.ja")]
        folder = "en-US"
    else:
        package, folder = f"{package}-l10n-{language}", language
        archives = [file for file in files_of(package) if file.endswith(".xpi")]
        if not archives:
            raise Missing(f"install the Debian package {package}")
    wanted = re.compile(rf"(?:.*/)?localization/{folder}/(?:{WINDOWS[program]}|{SHARED})")
    found: dict[str, str] = {}
    for archive in archives:
        with ZipFile(archive) as opened:
            for name in filter(wanted.fullmatch, opened.namelist()):
                found |= in_fluent(opened.read(name).decode())
    return found


def in_fluent(text: str) -> dict[str, str]:
    """Return the texts of a file of Fluent, by message, or message and attribute.

    Text that Fluent fills in, such as the name of the program, is ``…``.
    """
    found = {}
    for entry in FluentParser(with_spans=False).parse(text).body:
        if isinstance(entry, ast.Message):
            parts = [(entry.id.name, entry.value)]
            parts += [(f"{entry.id.name}.{one.id.name}", one.value) for one in entry.attributes]
            for key, pattern in parts:
                if pattern:
                    pieces = (getattr(piece, "value", "…") for piece in pattern.elements)
                    found[key] = "".join(pieces)
    return found


@cache
def in_chromium(language: str) -> dict[str, str]:
    """Return the words of Chromium's certificate manager, by the names that its page has.

    What goes wrong is no part of the page: it has the name that it has in Chromium's source.

    Raises:
        Missing: Chromium does not speak the language, and answers in another.
    """
    home = tempfile.mkdtemp(prefix="chromium-")
    try:
        with sync_playwright() as playwright:
            # Chromium runs in no sandbox as root.
            options = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            browser = playwright.chromium.launch_persistent_context(
                home,
                executable_path=shutil.which("chromium"),
                args=[*options, f"--lang={language}"],
                env=os.environ | {"HOME": home, "LANGUAGE": language},
                timeout=60_000,
            )
            try:
                answer = browser.pages[0].goto(f"{ADDRESS}/strings.m.js", timeout=20_000)
                script = answer.text()
            finally:
                browser.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    # The script gives the page one object, in JSON.
    words = json.loads(script[script.index("= {") + 2 : script.rindex("}") + 1])
    if words["language"].partition("-")[0] != language:
        raise Missing("install the Debian package chromium-l10n")
    shown = {key: value for key, value in words.items() if isinstance(value, str)}
    return shown | in_pack(PACKED.get(language, language))


def in_pack(language: str) -> dict[str, str]:
    """Return the texts of Chromium that belong to ``SOURCE``, from its pack of a language.

    A pack has numbers (ui/base/resource/data_pack.cc): ``.pak.info`` beside it says what
    they mean.

    Args:
        language: the language, as Chromium calls it.

    Raises:
        Missing: there is no pack, or nothing that says what its numbers mean.
    """
    files = [*files_of("chromium-common"), *files_of("chromium-l10n")]
    found = {Path(file).name: Path(file) for file in files if f"/{language}.pak" in file}
    if len(found) < 2:
        raise Missing("install the Debian package chromium-l10n")
    lines = found[f"{language}.pak.info"].read_text().splitlines()
    named = [line.split(",", 2) for line in lines if line.endswith(f"/{SOURCE}")]
    content = found[f"{language}.pak"].read_bytes()
    version, _, count, _ = struct.unpack_from("<IB3xHH", content)
    if version != 5:
        raise ValueError(f"{language}.pak is of the version {version}: teach in_pack to read it")
    entries = list(struct.iter_unpack("<HI", content[12 : 12 + 6 * (count + 1)]))
    # Each text ends where the next begins; what repeats another has no place of its own.
    pairs = itertools.pairwise(entries)
    places = {number: slice(start, end) for (number, start), (_, end) in pairs}
    return {
        name.removeprefix(PREFIX): content[places[int(number)]].decode()
        for name, number, _ in named
        if int(number) in places
    }
