"""The pages can be read at any width, at any size of the text, and on paper."""

from playwright.sync_api import Page

from built import FEW_OR_ALL, gathered

# Styles that a reader adds, by their name: larger text alone, and the spacing of WCAG 1.4.12.
ADDED = {
    "as it is": "",
    "text of 200 %": "html { font-size: 200% !important }",
    "text spacing": """* {
      line-height: 1.5 !important;
      letter-spacing: 0.12em !important;
      word-spacing: 0.16em !important;
    }
    p { margin-bottom: 2em !important }""",
}
# Widths in CSS pixels, the last two being those of 1350 and 640 pixels at 200 % zoom. On a
# narrower screen than 640 pixels, nobody doubles the text and zooms as well.
WIDTHS = {
    "as it is": (1600, 1350, 850, 675, 412, 320),
    "text of 200 %": (1350, 675),
    "text spacing": (1350, 412, 320),
}
STATES = [(style, width) for style, widths in WIDTHS.items() for width in widths]

# Sets the style that the reader adds; not subject to the policy, which is for what the page
# itself brings.
ADD = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
# What is lost: text that its box cuts, or that lies outside the page or over other text.
LOST = """() => {
  const root = document.documentElement;
  const faults = [];
  const describe = element => element.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter(each =>
      each.getBoundingClientRect().right > innerWidth + 1 && each.checkVisibility());
    faults.push(`the page scrolls sideways: ${root.scrollWidth}: ${wide.map(describe).at(-1)}`);
  }
  // What is for screen readers only is 1 px high.
  const texts = [...document.body.querySelectorAll("*")].filter(each =>
    each.checkVisibility() && each.clientHeight > 1);
  for (const each of texts) {
    const {overflowX, overflowY} = getComputedStyle(each);
    if (/hidden|clip/.test(overflowX) && each.scrollWidth > each.clientWidth + 1
        || /hidden|clip/.test(overflowY) && each.scrollHeight > each.clientHeight + 1)
      faults.push(`cut: ${describe(each)}`);
  }
  const box = element => element.getBoundingClientRect();
  const apart = (one, other) => one.right <= other.left + 1 || other.right <= one.left + 1
    || one.bottom <= other.top + 1 || other.bottom <= one.top + 1;
  const parts = [...document.querySelectorAll(
    "header a, header span, .bar > *, main h1, main > nav, footer li, footer p")]
    .filter(each => each.checkVisibility() && box(each).width > 1);
  parts.forEach((one, index) => parts.slice(index + 1).forEach(other => {
    if (!one.contains(other) && !other.contains(one) && !apart(box(one), box(other)))
      faults.push(`${describe(one)} lies over ${describe(other)}`);
  }));
  return faults;
}"""
# Controls that are too small (WCAG 2.5.8). A link inside a sentence may be as high as its line,
# and so may one that other targets leave enough room (axe measures that).
SMALL = """() => [...document.querySelectorAll("button, input, summary, nav a, header a")]
  .filter(each => each.checkVisibility())
  .filter(each => {
    const {width, height} = each.getBoundingClientRect();
    return width > 1 && (width < 24 || height < 24);
  })
  .map(each => `${each.outerHTML.slice(0, 120)} is ${JSON.stringify(
    each.getBoundingClientRect())}`)"""
# Paragraphs in lines of more characters than are comfortable to read.
LONG = """limit => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  return [...document.querySelectorAll("main p, main li, main dd")]
    .filter(each => each.checkVisibility() && each.textContent.length > 2 * limit)
    .map(each => {
      const {font, width} = getComputedStyle(each);
      canvas.font = font;
      const text = each.textContent.replace(/\\s+/g, " ");
      return [parseFloat(width) / canvas.measureText(text).width * text.length, text];
    })
    .filter(([characters]) => characters > limit)
    .map(([characters, text]) => `${Math.round(characters)} characters a line: ${
      text.slice(0, 60)}`);
}"""
# What is of no use on paper and yet there, or of use and not there.
NOT_FOR_PAPER = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const describe = element => element.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  const color = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
  const faults = all("nav, .skip, .headerlink, button, input")
    .filter(each => each.checkVisibility()).map(each => `is printed: ${describe(each)}`);
  const paper = color("body", "backgroundColor");
  if (!/rgb\\(255, 255, 255\\)|rgba\\(0, 0, 0, 0\\)/.test(paper)) faults.push(`paper: ${paper}`);
  const ink = color("h1", "color");
  if (Math.max(...ink.match(/\\d+/g)) > 64) faults.push(`ink: ${ink}`);
  return faults.concat(
    all("main a[href^='http']")
      .filter(each => !getComputedStyle(each, "::after").content.includes(
        each.getAttribute("href")))
      .map(each => `without its address: ${describe(each)}`),
    all("details > :not(summary)")
      .filter(each => !each.checkVisibility({contentVisibilityAuto: true}))
      .map(each => `closed: ${describe(each)}`));
}"""


@FEW_OR_ALL
def test_nothing_is_lost(names, page: Page, at):
    """Nothing is cut, hidden or beside the page at any width, zoom and spacing."""
    found = []
    for name in names:
        page.goto(at(name))
        for style, width in STATES:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(ADD, ADDED[style])
            found += [(name, f"{style}, {width} px: {fault}") for fault in page.evaluate(LOST)]
    assert not found, gathered(found)


@FEW_OR_ALL
def test_controls_are_large_enough(names, page, at):
    """Controls, and the links of menus, are 24 px high and wide at least."""
    found = []
    for name in names:
        page.goto(at(name))
        for width in (1350, 320):
            page.set_viewport_size({"width": width, "height": 900})
            found += [(name, f"{width} px: {fault}") for fault in page.evaluate(SMALL)]
    assert not found, gathered(found)


@FEW_OR_ALL
def test_lines_are_short_enough(names, page, at):
    """On the widest screens, a line has about 80 characters at most."""
    page.set_viewport_size({"width": 1600, "height": 900})
    found = []
    for name in names:
        page.goto(at(name))
        found += [(name, fault) for fault in page.evaluate(LONG, 85)]
    assert not found, gathered(found)


@FEW_OR_ALL
def test_paper_shows_the_text_and_nothing_else(names, page, at):
    """On paper, black on white: no menus, the addresses of links, all details open."""
    # A sheet of A4 between its margins.
    page.set_viewport_size({"width": 680, "height": 960})
    found = []
    for name in [name for name in names if "/" in name]:
        page.goto(at(name))
        for colours in ("light", "dark"):
            page.emulate_media(media="print", color_scheme=colours)
            faults = page.evaluate(NOT_FOR_PAPER)
            faults += [fault for fault in page.evaluate(LOST) if "sideways" in fault]
            found += [(name, f"{colours}: {fault}") for fault in faults]
    assert not found, gathered(found)
