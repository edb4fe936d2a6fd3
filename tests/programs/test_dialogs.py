"""The real windows of the browsers, operated by the words that the page quotes, in each language.

What a label is and where it stands comes from the page alone: a real mouse clicks on what
bears it.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from marionette_driver.errors import NoAlertPresentException, NoSuchWindowException
from marionette_driver.marionette import Alert, Marionette
from playwright.sync_api import Page, sync_playwright

import installed
import proofs
from browsers import (
    CHROMIUM,
    Mozilla,
    chromium_profile,
    environment,
    first_line,
    mozilla,
    put,
    started,
)
from evidence import labels_hash
from guide import Guide
from homes import PASSWORD
from labels import quoted
from screen import Screen, screen
from shipped_labels import ADDRESS, COMMANDS
from web_server import SUBJECT
from zoo import common

pytestmark = pytest.mark.extended

PAGE = "import-certificate"
SECONDS = 20
LANGUAGES = ("en", "fr")
NAME = "Anna Tester 1234"
# What Firefox and Thunderbird say of a wrong password, and Chromium.
REFUSAL = {
    "en": "The password entered was incorrect.",
    "fr": "Le mot de passe PK11 est incorrect.",  # codespell:ignore mot
}
WRONG = {
    "en": "Incorrect password",
    "fr": "Mot de passe incorrect",  # codespell:ignore mot
}
# The short way of the page to the section with the certificates.
SECTION = "about:preferences#connectionSecurity"
# The buttons that open the menu of the program; they bear no word.
MENUS = {"firefox": "PanelUI-menu-button", "thunderbird": "button-appmenu"}
# Where an element that bears a label is on the screen: the first behind another one, if
# wanted; in the windows, their frames and their shadows.
FIND = """
const [label, heading] = arguments;
function* elements(root) {
  for (const one of root.querySelectorAll("*")) {
    yield one;
    if (one.openOrClosedShadowRoot) yield* elements(one.openOrClosedShadowRoot);
    if (one.contentDocument) yield* elements(one.contentDocument);
  }
}
const words = text => (text || "").replace(/\\s+/g, " ").trim();
const says = (one, text) => words(one.textContent) == text || words(one.label) == text ||
    words(one.getAttribute("label")) == text || words(one.getAttribute("heading")) == text;
const shown = one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    one.getBoundingClientRect().width > 0 && one.getBoundingClientRect().height > 0;
let found = null, wanted = !heading;
for (const window of Services.wm.getEnumerator(null)) {
  for (const one of elements(window.document)) {
    if (!wanted && says(one, heading) && shown(one)) wanted = true;
    if (wanted && says(one, label) && shown(one)) { found = one; break; }
  }
  if (found) break;
}
if (!found) return null;
found.scrollIntoView({block: "center", behavior: "instant"});
const box = found.getBoundingClientRect(), view = found.ownerDocument.defaultView;
return {x: view.mozInnerScreenX + box.x + box.width / 2,
        y: view.mozInnerScreenY + box.y + box.height / 2,
        selected: found.selected === true, name: found.localName};
"""
BUTTON = """
const box = document.getElementById(arguments[0]).getBoundingClientRect();
return {x: mozInnerScreenX + box.x + box.width / 2, y: mozInnerScreenY + box.y + box.height / 2};
"""
# What the list of certificates shows in the window that is open.
LISTED = """
for (const browser of document.querySelectorAll("browser")) {
  for (const inner of browser.contentDocument?.querySelectorAll("browser") ?? []) {
    const tree = inner.contentDocument?.getElementById("user-tree");
    if (!tree?.view?.rowCount) continue;
    const rows = [...Array(tree.view.rowCount).keys()];
    return rows.map(row => tree.view.getCellText(row, tree.columns[0]));
  }
}
return null;
"""


def labels(guide: Guide, program: str, language: str) -> list[str]:
    """Return the labels of a program that the page quotes, in their order.

    Args:
        guide: the guide.
        program: its name in the role ``ui-label``.
        language: the language of the page.
    """
    doctree = guide.doctree(PAGE, language)
    return [node.astext() for node in quoted(doctree) if node["program"] == program]


def wait_for(what: Callable, message: str):
    """Return what a function gives, as soon as it gives something.

    Args:
        what: the function.
        message: what is said if it does not.
    """
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    return pytest.fail(message, pytrace=False)


# -- Firefox and Thunderbird ----------------------------------------------------------------


class Windows:
    """The windows of a running Firefox or Thunderbird, in one language."""

    def __init__(self, program: Mozilla, shown: Screen, language: str):
        """Look at a screen.

        Args:
            program: the program.
            shown: the screen that it is on.
            language: its language, for messages.
        """
        self.program, self.screen, self.language = program, shown, language

    def see(self, label: str, below: str = "") -> dict:
        """Return where a label stands, once nothing moves any more.

        Args:
            label: the label.
            below: the label of what it stands in, where several have the same.
        """
        last: list[dict | None] = [None]

        def still() -> dict | None:
            now, before = self.program.do(FIND, label, below), last[0]
            last[0] = now
            return now if now == before else None

        return wait_for(
            still,
            f"{PAGE} [{self.language}] quotes “{label}”, which the program does not show there",
        )

    def click(self, label: str, below: str = "") -> None:
        """Click on what bears a label."""
        place = self.see(label, below)
        self.screen.click(place["x"], place["y"])

    def open_menu(self, button: str) -> None:
        """Click on the button that opens the menu of the program."""
        place = self.program.do(BUTTON, button)
        self.screen.click(place["x"], place["y"])


def choose(shown: Screen, before: set[str], file: Path) -> None:
    """Type the path of a file into the dialog that asks for one.

    Args:
        shown: the screen.
        before: the windows that were there before the dialog.
        file: the file.
    """
    dialog = shown.another_window(before)
    # This opens the field for a path, which takes a moment.
    shown.press("slash")
    time.sleep(1)
    shown.type(str(file).lstrip("/"))
    time.sleep(0.5)
    # Open, or Ouvrir.
    shown.press("alt+o")
    shown.without(dialog)


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
    shown, client = windows.screen, windows.program.client
    # With an alert open, it would refuse to change over.
    client.set_context(client.CONTEXT_CHROME)
    before = shown.windows()
    windows.click(button)
    choose(shown, before, file)
    asked = shown.another_window(before)
    question = shown.title(asked)
    shown.type("wrong")
    shown.press("Return")
    shown.without(asked)
    # It asks again, and another window says why. Which of the two has the keyboard is chance.
    wait_for(lambda: len(shown.windows() - before) == 2, "it does not ask a second time")
    said = wait_for(lambda: words_of_alert(client), "the window with the reason has no text")
    Alert(client).accept()
    wait_for(lambda: len(shown.windows() - before) == 1, "the window with the reason stays")
    asked = shown.another_window(before)
    assert shown.title(asked) == question
    shown.type(PASSWORD)
    shown.press("Return")
    shown.without(asked)
    return said


def words_of_alert(client: Marionette) -> str:
    """Return what a window says that only wants to be seen, or nothing."""
    try:
        return Alert(client).text
    except (NoAlertPresentException, NoSuchWindowException):
        return ""


def attempt(guide: Guide, task: str, program: str, language: str = "") -> None:
    """Keep that something is done with a program, unless the test fails.

    Args:
        guide: the guide.
        task: ``import-dialog`` or ``web-login``.
        program: its name in the role ``ui-label``.
        language: the language of the windows.
    """
    more = (
        {"kind": language, "block": labels_hash(guide.doctree(PAGE, language))} if language else {}
    )
    proofs.attempt(installed.about(COMMANDS[program]), task, page=PAGE, **more)


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
        windows = Windows(program, shown, language)
        button = follow_menus(windows, name, labels(guide, name, language))
        said = import_with_windows(windows, button, file)
        listed = wait_for(lambda: program.do(LISTED), "the list of certificates stays empty")
        assert said == REFUSAL[language]
        assert NAME in listed
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


def click(page: Page, label: str, language: str) -> None:
    """Click on what bears a label.

    Args:
        page: the page of Chromium.
        label: the label.
        language: its language, for messages.
    """
    place = page.get_by_text(label, exact=True).filter(visible=True).first
    wait_for(
        lambda: place.count(),
        f"{PAGE} [{language}] quotes “{label}”, which Chromium does not show there",
    )
    place.click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_windows_of_chromium_import_it(guide, server, home, language):
    """The labels lead to the dialog, the certificate is in the list, and a server sees it."""
    installed.needs("chromium", "Xvfb", "xdotool")
    if language not in guide.languages:
        return
    attempt(guide, "import-dialog", "chromium", language)
    attempt(guide, "web-login", "chromium")
    client, view, button = labels(guide, "chromium", language)
    assert f"``{ADDRESS}``" in " ".join(guide.source(PAGE))
    file, path = put(common("AES-256", PASSWORD), home), f"/chromium-{language}"
    profile = chromium_profile(home, server)
    command = [*CHROMIUM, f"--lang={language}", f"--user-data-dir={profile}"]
    command += ["--remote-debugging-port=0", "about:blank"]
    with screen(home) as shown, sync_playwright() as playwright:
        variables = environment(home, language, shown.display)
        with started(command, variables, home / "messages") as process:
            port = first_line(profile / "DevToolsActivePort", process)
            browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            (page,) = browser.contexts[0].pages
            page.goto(ADDRESS)
            click(page, client, language)
            click(page, view, language)
            for password in ("wrong", PASSWORD):
                before = shown.windows()
                click(page, button, language)
                choose(shown, before, file)
                field = page.locator("input[type=password]")
                field.fill(password)
                field.press("Enter")
                if password == "wrong":
                    page.get_by_text(WRONG[language], exact=True).wait_for()
                    page.keyboard.press("Enter")
            listed = page.get_by_text(NAME, exact=True).filter(visible=True)
            wait_for(lambda: listed.count(), "the certificate is not in the list of Chromium")
            page.goto(server.address.rstrip("/") + path)
    seen = {visit.grid_subject for visit in server.visits(path)}
    assert seen == {SUBJECT}
