"""axe-core, run on a page that Chromium has loaded, in each state that the page can have.

All the rules are run: those of WCAG 2.2 A and AA, the best practices and the experiments; but
for what is switched off below.
"""

from collections import defaultdict

from playwright.sync_api import Page

COLOURS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
}
WIDTHS = (1350, 412, 320)
STATES = [(colours, width) for width in WIDTHS for colours in COLOURS]

# Runs axe and returns [rule, element, what is wrong] for each fault and each open question.
#
# Rules: AAA is no aim (wcag2aaa), deprecated ones contradict newer ones, and hidden-content
# asks to look at what is hidden: that is opened and judged as a state of its own.
# Contrast: axe gives up where an element is partly scrolled out of sight, lies in a row that
# another row spans, or holds a lone sign. Behind such an element are only its ancestors, as
# no text lies over another here: their colours are compared, by axe's own means.
# Tables: axe does not know scope=rowgroup and scope=colgroup, and finds no cells for them
# (github.com/dequelabs/axe-core/issues/3967).
RUN = """async () => {
  const {color} = axe.commons;
  const rules = {};
  for (const {ruleId, tags} of axe.getRules()) {
    const off = ["wcag2aaa", "deprecated"].some(tag => tags.includes(tag));
    rules[ruleId] = {enabled: !off && ruleId != "hidden-content"};
  }
  const found = await axe.run(document, {
    resultTypes: ["violations", "incomplete"], rules, elementRef: true,
  });
  const parse = text => { const one = new color.Color(); one.parseString(text); return one; };
  const contrast = element => {
    const style = getComputedStyle(element);
    let behind = [];
    for (let at = element; at; at = at.parentElement) {
      if (getComputedStyle(at).backgroundImage != "none") return 0;
      if (getComputedStyle(at).opacity != 1) return 0;
      behind.push(parse(getComputedStyle(at).backgroundColor));
    }
    const back = behind.reduceRight((under, over) => color.flattenColors(over, under));
    const ink = color.flattenColors(parse(style.color), back);
    return color.getContrast(back, ink);
  };
  const settled = {
    "color-contrast": node => contrast(node.element) >= 4.5,
    "th-has-data-cells": node => node.all.concat(node.any, node.none).every(
      check => check.relatedNodes.every(
        each => /^<th[^>]* scope="(row|col)group"/.test(each.html))),
  };
  const open = found.incomplete.flatMap(({id, nodes}) => nodes
    .filter(node => !settled[id] || !settled[id](node))
    .map(node => [id, node.target.flat().join(" "), "not decided: " + node.any.concat(
      node.all, node.none).map(check => check.message).join("; ")]));
  return open.concat(found.violations.flatMap(({id, nodes}) => nodes.map(
    node => [id, node.target.flat().join(" "), node.failureSummary.replace(/\\s+/g, " ")])));
}"""
# Opens what a reader can open, and tells whether there is anything.
OPEN = """() => {
  const details = [...document.querySelectorAll("details")];
  const popovers = [...document.querySelectorAll("button[popovertarget]")]
    .filter(button => button.checkVisibility())
    .map(button => document.getElementById(button.getAttribute("popovertarget")));
  details.forEach(each => each.open = true);
  popovers.filter(each => !each.matches(":popover-open")).forEach(each => each.showPopover());
  return details.length + popovers.length > 0;
}"""


def set_state(page: Page, colours: str, width: int) -> None:
    """Show a page in other colours, and at another width, in CSS pixels."""
    page.emulate_media(**COLOURS[colours])
    page.set_viewport_size({"width": width, "height": 900})


def faults(page: Page, states: list[tuple[str, int]]) -> dict[tuple[str, ...], list[str]]:
    """Judge the page that is loaded, with axe, in several states; the last ones with all opened.

    Args:
        page: the page.
        states: colours and widths.

    Returns:
        The states by the rule, the element and what is wrong with it.
    """
    found = defaultdict(list)
    for colours, width in states:
        set_state(page, colours, width)
        for fault in page.evaluate(RUN):
            found[tuple(fault)].append(f"{colours} {width}")
    for colours, width in states[-len(states) // 3 :]:
        set_state(page, colours, width)
        if page.evaluate(OPEN):
            for fault in page.evaluate(RUN):
                found[tuple(fault)].append(f"{colours} {width}, opened")
    return found
