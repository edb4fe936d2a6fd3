"""What a reader does with a page: copy a command, read a footnote, open a section, print."""

import pytest
from playwright.sync_api import Page, expect

CONVERT = "en/convert-certificate.html"
IMPORT = "en/import-certificate.html"


@pytest.fixture
def clipboard(page) -> Page:
    """A tab that may use the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def read(page: Page) -> str:
    """Return what the clipboard holds."""
    return page.evaluate("navigator.clipboard.readText()")


def typed(page: Page) -> list[list[str]]:
    """Return what is typed on a page, as it is printed: a list for what has no answer within.

    From the text alone, not from how it is coloured.
    """
    groups, last = [], ""
    for block in page.locator(".highlight-console pre").all():
        groups.append([])
        # What the script adds is no text of the page.
        text = block.evaluate(
            "pre => { const copy = pre.cloneNode(true);"
            "copy.querySelectorAll('button').forEach(b => b.remove()); return copy.textContent }"
        )
        for last in text.splitlines():
            if last.startswith("$ "):
                groups[-1].append(last.removeprefix("$ "))
            elif groups[-1]:
                groups.append([])
    return [group for group in groups if group]


def test_only_what_is_typed_is_copied(clipboard, at):
    """Neither the prompt nor an answer, and never what would be taken for a password."""
    clipboard.goto(at(CONVERT))
    groups = typed(clipboard)
    assert len(groups) > 5
    assert clipboard.locator("button.copy").count() == len(groups)
    for button, lines in zip(clipboard.locator("button.copy").all(), groups, strict=True):
        button.click()
        expect(button).to_have_text("Copied")
        assert read(clipboard) == "\n".join(lines)


def test_copying_is_said_and_works_by_keyboard(clipboard, at):
    """The button says what it copies, in the words of the page; that it did, is read out."""
    clipboard.goto(at("fr/convert-certificate.html"))
    button = clipboard.locator("button.copy").nth(1)
    assert clipboard.get_by_role("button", name="Copier openssl pkcs12").count() > 1
    button.focus()
    clipboard.keyboard.press("Enter")
    said = clipboard.get_by_role("status")
    expect(said).to_have_text("Copié")
    assert read(clipboard).startswith("openssl pkcs12 ")
    assert button.evaluate("button => document.activeElement === button")
    expect(button).to_have_text("Copier", timeout=5000)
    expect(said).to_be_empty()


def test_copying_that_fails_is_said(page, at):
    """Where the browser does not let the page write to the clipboard."""
    page.goto(at(CONVERT))
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error()))")
    button = page.locator("button.copy").first
    button.click()
    expect(button).to_have_text("Not copied")


def test_copied_by_hand_it_has_no_prompt(clipboard, at):
    """Who selects a block and copies it gets no prompt, no answer and no word of the button."""
    clipboard.goto(at(CONVERT))
    clipboard.locator(".highlight-console pre").first.evaluate(
        "pre => getSelection().selectAllChildren(pre)"
    )
    clipboard.keyboard.press("Control+C")
    lines = [line for line in read(clipboard).splitlines() if line.strip()]
    assert lines[0] == "umask 077"
    assert not [line for line in lines if line.startswith("$") or "Copy" in line]


def test_switch_keeps_the_place(page, at):
    """The other language opens at the same section, also after a jump on the page."""
    page.goto(at(f"{CONVERT}#look-at-the-file"))
    switch = page.locator(".languages a")
    assert switch.get_attribute("href").endswith("fr/convert-certificate.html#look-at-the-file")
    page.locator(".contents a").last.click()
    anchor = page.evaluate("location.hash")
    assert len(anchor) > 1
    switch.click()
    page.wait_for_url(f"**/fr/convert-certificate.html{anchor}")
    assert page.locator(f"[id='{anchor[1:]}']").count() == 1


def test_footnote_is_read_where_it_is_referred_to(page, at):
    """It shows at the foot of the screen, the text stays where it is, and the mark leads back."""
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(at("en/keep-safe.html"))
    mark = page.locator("a.footnote-reference").nth(1)
    mark.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    note = page.locator(f"[id='{mark.get_attribute('href')[1:]}']")
    expect(note).not_to_be_in_viewport()
    mark.click()
    expect(note).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == before
    note.locator(".label a").click()
    expect(note).not_to_be_in_viewport()
    expect(mark).to_be_in_viewport()


@pytest.mark.parametrize("javascript", [True, False])
def test_link_opens_the_section_of_a_system(chromium, at, javascript):
    """A reader sees the headings and opens theirs; a link to one opens it."""
    with chromium.new_context(java_script_enabled=javascript) as context:
        page = context.new_page()
        page.goto(at(IMPORT))
        steps = page.get_by_text("Double-click on the file: an assistant opens")
        expect(page.get_by_role("heading", name="Windows")).to_be_visible()
        expect(steps).to_be_hidden()
        page.locator("summary", has_text="Windows").click()
        expect(steps).to_be_visible()
        page.goto("about:blank")
        page.goto(at(f"{IMPORT}#import-windows"))
        expect(steps).to_be_in_viewport()
        expect(page.get_by_role("heading", name="Windows")).to_be_in_viewport()
        expect(page.get_by_text("Choose the keychain")).to_be_hidden()


def test_paper_shows_all(page, at):
    """In print, each section is whole, the menus are gone, and addresses are printed."""
    page.goto(at(IMPORT))
    page.emulate_media(media="print")
    for text in ("Double-click on the file: an assistant opens", "Choose the keychain"):
        expect(page.get_by_text(text)).to_be_visible()
    for hidden in (".guide", ".bar", ".contents", ".languages", ".next"):
        expect(page.locator(hidden).first).to_be_hidden()
    shown = page.locator("main a.external").first.evaluate(
        "link => getComputedStyle(link, '::after').content"
    )
    assert "https://" in shown


def test_menu_of_a_narrow_screen(page, at):
    """A button that stays in view opens the menu, without script of ours; Escape closes it."""
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(at(CONVERT))
    menu = page.get_by_role("navigation", name="Pages of the guide")
    expect(menu).to_be_hidden()
    page.mouse.wheel(0, 2000)
    page.wait_for_function("scrollY > 1000")
    button = page.get_by_role("button", name="Menu")
    expect(button).to_be_in_viewport(ratio=1)
    expect(page.locator(".bar [rel=next]")).to_be_in_viewport(ratio=1)
    button.click()
    expect(menu.locator("[aria-current=page]")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    menu.get_by_role("button", name="Close").click()
    expect(menu).to_be_hidden()


def test_no_option_is_torn(page, at):
    """No line of a command ends behind a hyphen: who types it would put a space there."""
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(at(CONVERT))
    torn = page.locator("pre").evaluate_all(
        """blocks => blocks.flatMap(block => {
          const found = [], range = document.createRange();
          const walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
          for (let node; (node = walk.nextNode());)
            for (const { index, 0: option } of node.data.matchAll(/(?<!\\S)--?\\w[\\w-]*/g)) {
              range.setStart(node, index);
              range.setEnd(node, index + option.length);
              found.push([option, range.getClientRects().length]);
            }
          return found;
        })"""
    )
    assert len(torn) > 20
    assert not [option for option, lines in torn if lines != 1]


def test_long_menu_shows_where_one_is(page, at):
    """In a low window, the menu is scrolled to the page that one reads."""
    page.set_viewport_size({"width": 1350, "height": 500})
    page.goto(at("en/how-checked.html"))
    expect(page.locator(".guide [aria-current=page]")).to_be_in_viewport(ratio=1)
    page.goto(at("en/eligibility.html"))
    expect(page.locator(".guide .search input")).to_be_in_viewport(ratio=1)
