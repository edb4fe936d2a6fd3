"""The real windows of the browsers, operated by the words that they show, with a real mouse."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from marionette_driver.errors import NoAlertPresentException, NoSuchWindowException
from marionette_driver.marionette import Alert, Marionette
from playwright.sync_api import Page, sync_playwright

from browsers import CHROMIUM, Mozilla, environment, first_line, started
from screen import Screen

SECONDS = 20
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
# What the list of certificates shows in the window that is open: the cells of each row.
LISTED = """
for (const browser of document.querySelectorAll("browser")) {
  for (const inner of browser.contentDocument?.querySelectorAll("browser") ?? []) {
    const tree = inner.contentDocument?.getElementById("user-tree");
    if (!tree?.view?.rowCount) continue;
    const numbers = length => [...Array(length).keys()];
    const text = row => column => tree.view.getCellText(row, tree.columns[column]);
    return numbers(tree.view.rowCount).map(row => numbers(tree.columns.length).map(text(row)));
  }
}
return null;
"""


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


# -- Firefox and Thunderbird ----------------------------------------------------------------


class Windows:
    """The windows of a running Firefox or Thunderbird, in one language."""

    def __init__(self, program: Mozilla, shown: Screen, language: str, page: str):
        """Look at a screen.

        Args:
            program: the program.
            shown: the screen that it is on.
            language: its language, for messages.
            page: the page that quotes the words, for messages.
        """
        self.program, self.screen, self.language, self.page = program, shown, language, page
        # What the program asks when it wants a password.
        self.question = ""

    @property
    def client(self) -> Marionette:
        """What drives the program, set to see all its windows.

        With an alert open, it would refuse to change over.
        """
        self.program.client.set_context(Marionette.CONTEXT_CHROME)
        return self.program.client

    def shows(self, label: str, below: str = "") -> dict | None:
        """Return where a label stands, if it does.

        Args:
            label: the label.
            below: the label of what it stands in, where several have the same.
        """
        return self.program.do(FIND, label, below)

    def see(self, label: str, below: str = "") -> dict:
        """Return where a label stands, once nothing moves any more.

        Args:
            label: the label.
            below: as for ``shows``.
        """
        last: list[dict | None] = [None]

        def still() -> dict | None:
            now, before = self.shows(label, below), last[0]
            last[0] = now
            return now if now == before else None

        return wait_for(
            still,
            f"{self.page} [{self.language}] quotes “{label}”, which the program does not show "
            "there",
        )

    def click(self, label: str, below: str = "") -> None:
        """Click on what bears a label."""
        place = self.see(label, below)
        self.screen.click(place["x"], place["y"])

    def open_menu(self, button: str) -> None:
        """Click on the button that opens the menu of the program."""
        place = self.program.do(BUTTON, button)
        self.screen.click(place["x"], place["y"])

    def offer(self, button: str, file: Path, below: str = "") -> set[str]:
        """Click on a button that imports, and choose a file.

        Args:
            button: the label of the button.
            file: the file.
            below: as for ``shows``.

        Returns:
            The windows that were there before.
        """
        before = self.screen.windows()
        self.click(button, below)
        choose(self.screen, before, file)
        return before

    def answer(self, before: set[str], password: str) -> None:
        """Type the password into the window that asks for it, and see the window go.

        Args:
            before: the windows that were there before the file was chosen.
            password: the password.
        """
        asked = self.screen.another_window(before)
        self.question = words_of_alert(self.client)
        self.screen.type(password)
        self.screen.press("Return")
        self.screen.without(asked)

    def refusal(self) -> str:
        """Return what the program says instead of importing, and close the window with it.

        It may ask for the password again at the same time: in that case, this window stays.
        """

        def said() -> str:
            now = words_of_alert(self.client)
            return "" if now == self.question else now

        text = wait_for(said, "the program does not say what is wrong")
        there = self.screen.windows()
        Alert(self.client).accept()
        wait_for(lambda: self.screen.windows() < there, "the window with the reason stays")
        return text

    def listed(self) -> list[list[str]]:
        """Return the list of certificates, once there is one: the cells of each row."""
        return wait_for(lambda: self.program.do(LISTED), "the list of certificates stays empty")


def words_of_alert(client: Marionette) -> str:
    """Return what a window says that only wants to be seen, or nothing."""
    try:
        return Alert(client).text
    except (NoAlertPresentException, NoSuchWindowException):
        return ""


# -- Chromium -------------------------------------------------------------------------------

# Where it writes its port, and where it shows a certificate.
PORT = "DevToolsActivePort"
VIEWER = "chrome://view-cert"


@contextlib.contextmanager
def chromium(home: Path, profile: Path, language: str, display: str) -> Iterator[Page]:
    """Run Chromium on a screen.

    Args:
        home: the home folder of its user.
        profile: the folder of its profile, which belongs to the user.
        language: its language.
        display: the screen.

    Yields:
        What it shows.
    """
    # That of an earlier run.
    (profile / PORT).unlink(missing_ok=True)
    command = [*CHROMIUM, f"--lang={language}", f"--user-data-dir={profile}"]
    command += ["--remote-debugging-port=0", "about:blank"]
    variables = environment(home, language, display)
    with sync_playwright() as playwright, started(command, variables, home / "messages") as process:
        port = first_line(profile / PORT, process)
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        (page,) = browser.contexts[0].pages
        yield page


def click(page: Page, label: str, where: str) -> None:
    """Click on what bears a label.

    Args:
        page: the page of Chromium.
        label: the label.
        where: the page that quotes it and its language, for messages.
    """
    place = page.get_by_text(label, exact=True).filter(visible=True).first
    wait_for(lambda: place.count(), f"{where} quotes “{label}”, which Chromium does not show there")
    place.click()


def offer(page: Page, shown: Screen, button: str, file: Path, where: str) -> None:
    """Click on the button of Chromium that imports, and choose a file.

    Args:
        page: the page of Chromium.
        shown: the screen that it is on.
        button: the label of the button.
        file: the file.
        where: as for ``click``.
    """
    before = shown.windows()
    click(page, button, where)
    choose(shown, before, file)


def answer(page: Page, password: str) -> None:
    """Type the password where Chromium asks for it."""
    field = page.locator("input[type=password]")
    field.fill(password)
    field.press("Enter")


def refusal(page: Page, title: str) -> str:
    """Return what Chromium says instead of importing, and close it.

    Args:
        page: the page of Chromium.
        title: the title of what it says.
    """
    heading = page.get_by_text(title, exact=True).filter(visible=True)
    heading.wait_for()
    # Below the title, above the button.
    _, text, _ = page.locator("cr-dialog").filter(has=heading).inner_text().splitlines()
    page.keyboard.press("Enter")
    heading.wait_for(state="hidden")
    return text


def details(page: Page, profile: Path) -> str:
    """Return what Chromium shows of a certificate behind the last button beside it.

    Args:
        page: the page of Chromium, with one certificate in its list.
        profile: the folder of its profile.
    """
    page.locator("cr-icon-button").filter(visible=True).last.click()
    port = (profile / PORT).read_text().splitlines()[0]

    def shown() -> str:
        # Who is connected already does not get to know of this window.
        again = page.context.browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
        found = [one for one in again.contexts[0].pages if one.url.startswith(VIEWER)]
        return found[0].locator("body").inner_text() if found else ""

    return wait_for(shown, "Chromium does not show the certificate")
