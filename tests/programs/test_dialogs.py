"""The real windows of the browsers, operated by the words that the page quotes, in each language.

What a label is and where it stands comes from the page alone: a real mouse clicks on what
bears it.
"""

import datetime
import re
from pathlib import Path

import pytest
from docutils import nodes

import certificates
import installed
import proofs
from browsers import chromium_profile, mozilla, put
from compared_labels import alike
from evidence import labels_hash
from guide import Guide, parents
from homes import PASSWORD
from labels import quoted
from screen import screen
from shipped_labels import ADDRESS, COMMANDS, strings
from web_server import SUBJECT
from windows import Windows, answer, chromium, click, details, offer, refusal, wait_for
from zoo import common

pytestmark = pytest.mark.extended

PAGE, PROBLEMS = "import-certificate", "problems-browsers"
LANGUAGES = ("en", "fr")
NAME = "Anna Tester 1234"
# The short way of the page to the section with the certificates.
SECTION = "about:preferences#connectionSecurity"
# The buttons that open the menu of the program; they bear no word.
MENUS = {"firefox": "PanelUI-menu-button", "thunderbird": "button-appmenu"}


def labels(guide: Guide, program: str, language: str) -> list[str]:
    """Return the labels of a program in the section about it, in their order.

    Args:
        guide: the guide.
        program: its name in the role ``ui-label``.
        language: the language of the page.
    """
    doctree = guide.doctree(PAGE, language)
    found = [node for node in quoted(doctree) if node["program"] == program]
    # What is quoted further down is not on the way to the import.
    return [node.astext() for node in found if section(node) is section(found[0])]


def label(guide: Guide, key: str, language: str) -> str:
    """Return a label that the page quotes, by the key under which its program keeps it."""
    found = [one.astext() for one in quoted(guide.doctree(PAGE, language)) if one["key"] == key]
    assert found, f"{PAGE} does not quote {key}"
    return found[0]


def section(node: nodes.Node) -> nodes.Node:
    """Return the section around a node."""
    return next(one for one in parents(node) if isinstance(one, nodes.section))


def follow_menus(windows: Windows, name: str, wanted: list[str]) -> str:
    """Follow the menus as the page says, and return the label of the button that imports.

    Args:
        windows: the windows of the program.
        name: its name in the role ``ui-label``.
        wanted: the labels that the page quotes.
    """
    windows.open_menu(MENUS[name])
    if name == "firefox":
        settings, privacy, card, advanced, heading, manage, mine, authorities, button = wanted
        windows.click(settings)
        windows.click(privacy)
        windows.click(advanced, card)
        windows.click(manage, heading)
        assert windows.see(authorities)["selected"], "the window does not open on this tab"
    else:
        settings, privacy, heading, manage, mine, button = wanted
        windows.click(settings)
        windows.click(privacy)
        windows.click(manage, heading)
    windows.click(mine)
    assert windows.see(mine)["selected"]
    return button


def import_with_windows(windows: Windows, button: str, file: Path) -> str:
    """Import a file: first with a wrong password, then with the right one.

    Args:
        windows: the windows, open where the button is.
        button: the label of the button.
        file: the file.

    Returns:
        What the program says of the wrong password.
    """
    before = windows.offer(button, file)
    windows.answer(before, "wrong")
    said = windows.refusal()
    # It asks again.
    windows.answer(before, PASSWORD)
    return said


def shown_until(windows: Windows, column: str, kind: str) -> bool:
    """Tell whether the list has the certificate, and the column of the page its end.

    Args:
        windows: the windows of the program.
        column: the heading of the column.
        kind: the kind of the file.
    """
    windows.see(column)
    # The name stands above the certificates that bear it, too.
    cells = [cell for row in windows.listed() if row[0] == NAME for cell in row]
    end = end_of(kind)
    return any(re.search(rf"\b{end.day}\b", cell) and str(end.year) in cell for cell in cells)


def end_of(kind: str) -> datetime.datetime:
    """Return until when the certificate in a file of the zoo is valid."""
    return certificates.personal("RSA 2048", common(kind, PASSWORD).profile).not_valid_after_utc


def attempt(guide: Guide, task: str, program: str, language: str = "", page: str = PAGE) -> None:
    """Keep that something is done with a program, unless the test fails.

    Args:
        guide: the guide.
        task: one of the names in ``theme/evidence.html``.
        program: its name in the role ``ui-label``.
        language: the language of the windows.
        page: the page that says so.
    """
    more = (
        {"kind": language, "block": labels_hash(guide.doctree(page, language))} if language else {}
    )
    proofs.attempt(installed.about(COMMANDS[program]), task, page=page, **more)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "kind"), [("firefox", "AES-256"), ("thunderbird", "e-mail")])
def test_windows_import_it(guide, server, home, name, kind, language):
    """The menus lead where the page says, and the file is in the list; Firefox then shows it."""
    installed.needs(COMMANDS[name], "Xvfb", "xdotool")
    if language not in guide.languages:
        return
    attempt(guide, "import-dialog", name, language)
    assert f"``{SECTION}``" in " ".join(guide.source(PAGE))
    file, path = put(common(kind, PASSWORD), home), f"/{name}-{language}"
    with screen(home) as shown, mozilla(COMMANDS[name], home, language, shown.display) as program:
        windows = Windows(program, shown, language, PAGE)
        button = follow_menus(windows, name, labels(guide, name, language))
        said = import_with_windows(windows, button, file)
        assert alike(said) == alike(strings(name, language)["pk11-bad-password"])
        attempt(guide, "browser-password", name, language, PROBLEMS)
        assert shown_until(windows, label(guide, "certmgr-expires-label.label", language), kind)
        if name == "thunderbird":
            return
        attempt(guide, "web-login", name)
        program.visit("about:blank")
        program.visit(SECTION)
        windows.see(labels(guide, name, language)[5])
        program.trust(server.root)
        program.visit(server.address.rstrip("/") + path)
    seen = {visit.grid_subject for visit in server.visits(path)}
    assert seen == {SUBJECT}


# -- Chromium -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_windows_of_chromium_import_it(guide, server, home, language):
    """The labels lead to the dialog, the certificate is in the list, and a server sees it."""
    installed.needs("chromium", "Xvfb", "xdotool")
    if language not in guide.languages:
        return
    attempt(guide, "import-dialog", "chromium", language)
    attempt(guide, "web-login", "chromium")
    client, view, button = labels(guide, "chromium", language)
    words = strings("chromium", language)
    assert f"``{ADDRESS}``" in " ".join(guide.source(PAGE))
    file, path = put(common("AES-256", PASSWORD), home), f"/chromium-{language}"
    profile = chromium_profile(home, server)
    with (
        screen(home) as shown,
        chromium(home, profile, language, shown.display) as browser,
    ):
        where = f"{PAGE} [{language}]"
        browser.goto(ADDRESS)
        click(browser, client, where)
        click(browser, view, where)
        offer(browser, shown, button, file, where)
        answer(browser, "wrong")
        said = refusal(browser, words["certificateManagerV2ImportErrorTitle"])
        offer(browser, shown, button, file, where)
        answer(browser, PASSWORD)
        listed = browser.get_by_text(NAME, exact=True).filter(visible=True)
        wait_for(lambda: listed.count(), "the certificate is not in the list of Chromium")
        assert str(end_of("AES-256").year) in details(browser, profile)
        browser.goto(server.address.rstrip("/") + path)
    assert said == words["IMPORT_BAD_PASSWORD"]
    seen = {visit.grid_subject for visit in server.visits(path)}
    assert seen == {SUBJECT}
