"""With the keyboard alone, a reader gets to each link and control, and sees where he is."""

import pytest
from playwright.sync_api import Page

from built import FEW_OR_ALL, gathered

# Notes each element that gets the focus, and whether the reader sees that it has it.
#
# The outline is what counts: it is drawn in forced colours, too, where a background or a
# shadow is not; 2 px thick, and with a contrast of 3:1 with what is around it (WCAG 1.4.11,
# 2.4.13). Nothing may lie over the element (WCAG 2.4.11).
NOTE = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = color => rgba(color).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = element => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgba(color)[3] == 255) return color;
    }
    return "Canvas";
  };
  // A link that is broken over two lines is seen where one of its parts is; what is larger
  // than the screen, where it is on it.
  const shows = element => [...element.getClientRects()].some(rect => {
    const [left, right] = [Math.max(rect.left, 0), Math.min(rect.right, innerWidth)];
    const [top, bottom] = [Math.max(rect.top, 0), Math.min(rect.bottom, innerHeight)];
    if (right - left < 1 || bottom - top < 1) return false;
    const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return element.contains(seen);
  });
  window.walked = [];
  window.describe = element => element.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  addEventListener("focusin", ({target}) => {
    const {outlineStyle, outlineColor, outlineWidth} = getComputedStyle(target);
    const faults = [];
    if (outlineStyle == "none" || parseFloat(outlineWidth) < 2) faults.push("has no outline");
    else if (contrast(outlineColor, behind(target)) < 3) faults.push("has a pale outline");
    if (!shows(target)) faults.push("is out of sight");
    walked.push({target, faults});
  });
}"""
# The elements to which Tab must lead: those that are shown, in the order of the source, of
# radio buttons with one name the one that is chosen, with what scrolls and holds none of them.
EXPECT = """() => {
  const can = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const shown = element => element.checkVisibility({visibilityProperty: true})
    && !element.disabled;
  const scrolls = element => {
    const {overflowX, overflowY} = getComputedStyle(element);
    return (/auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth
        || /auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight)
      && !element.querySelector(can);
  };
  const first = new Map();
  for (const each of document.querySelectorAll("input[type=radio]"))
    if (each.checked || !first.has(each.name)) first.set(each.name, each);
  window.expected = [...document.body.querySelectorAll("*")].filter(element => shown(element)
    && (element.matches(can) ? element.type != "radio" || first.get(element.name) == element
      : scrolls(element)));
  return expected.length;
}"""
# What is wrong with the walk there, and with the walk back.
JUDGE = """back => {
  const way = back ? expected.slice(0, -1).reverse() : expected;
  const faults = walked.flatMap(({target, faults}) =>
    faults.map(fault => `${describe(target)} ${fault}`));
  way.forEach((element, index) => {
    const {target} = walked[index] || {};
    if (target != element)
      faults.push(`${index}: ${target && describe(target)} instead of ${describe(element)}`);
  });
  walked.length = 0;
  return faults.slice(0, 5);
}"""


def start(page: Page, address: str) -> int:
    """Open a page, and return to how many elements Tab must lead."""
    page.goto(address)
    page.evaluate(NOTE)
    return page.evaluate(EXPECT)


def walk(page: Page, key: str, steps: int) -> None:
    """Press a key some times."""
    for _ in range(steps):
        page.keyboard.press(key)


# What the outline looks like in the dark, few pages show as well as all.
@pytest.mark.parametrize(
    ("names", "colours"),
    [
        ("few", "light"),
        pytest.param("few", "dark", marks=pytest.mark.extended),
        pytest.param("all", "light", marks=pytest.mark.extended),
    ],
    indirect=["names"],
)
def test_tab_leads_everywhere_and_back(names, colours, page, at):
    """Tab leads to each link and control in reading order; Shift+Tab leads back."""
    page.emulate_media(color_scheme=colours)
    found = []
    for name in names:
        steps = start(page, at(name))
        walk(page, "Tab", steps)
        faults = page.evaluate(JUDGE, False)
        walk(page, "Shift+Tab", steps - 1)
        faults += page.evaluate(JUDGE, True)
        found += [(name, fault) for fault in faults]
    assert not found, gathered(found)


@FEW_OR_ALL
def test_skip_link_leads_to_the_text(names, page, at):
    """The first Tab shows the skip link, which leads past the menus."""
    for name in [name for name in names if "/" in name]:
        start(page, at(name))
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        box = skip.evaluate(
            "each => each == document.activeElement && each.getBoundingClientRect()"
        )
        assert box, f"{name}: the skip link is not first"
        assert box["left"] >= 0, name
        assert box["top"] >= 0, name
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        # A text without links leads on to what stands behind it.
        assert page.evaluate("""() => {
          const main = document.querySelector("main");
          const next = expected.find(each => main.contains(each))
            || document.querySelector("footer a");
          return next == document.activeElement;
        }"""), name


@FEW_OR_ALL
def test_menu_opens_and_closes_on_narrow_screens(names, page, at):
    """At 390 px, the button opens the menu, Tab leads through it, and Escape back."""
    page.set_viewport_size({"width": 390, "height": 844})
    for name in [name for name in names if "/" in name]:
        start(page, at(name))
        button = page.locator(".bar button")
        menu = page.locator(f"[id='{button.get_attribute('popovertarget')}']")
        assert not menu.is_visible(), name
        before = page.evaluate("expected.indexOf(document.querySelector('.bar button'))")
        walk(page, "Tab", before + 1)
        assert button.evaluate("each => each == document.activeElement"), name
        page.keyboard.press("Enter")
        assert menu.is_visible(), name
        page.evaluate(EXPECT)
        page.evaluate("walked.length = 0")
        links = menu.evaluate(
            "menu => (expected = expected.filter(each => menu.contains(each))).length"
        )
        assert links, name
        walk(page, "Tab", links)
        assert not page.evaluate(JUDGE, False), name
        page.keyboard.press("Escape")
        assert not menu.is_visible(), name
        assert button.evaluate("each => each == document.activeElement"), name
