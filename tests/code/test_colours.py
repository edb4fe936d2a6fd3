"""The colours of the site: text can be read, in the theme's and in those of an institute."""

import re
from itertools import product

import hypothesis
import pytest
from coloraide import Color
from hypothesis import strategies as st

import colours
from copies import ROOT

SHEET = (ROOT / "theme/static/style.css.jinja").read_text(encoding="utf-8")
# What each rule sets.
RULES = [
    dict(re.findall(r"([\w-]+): ([^;]+)", rule)) for rule in re.findall(r"\{([^{}]+)\}", SHEET)
]
# Text of the page itself may stand on any background that has no colour of its own text.
INHERITED = ("ink", "soft", "link")
# Lines that tell nothing which the text beside them does not.
ORNAMENT = "line"


def named(rule: dict, *properties: str) -> list[str]:
    """Return the colours of the palette that a rule gives to any of some properties."""
    values = " ".join(value for name, value in rule.items() if name.startswith(properties))
    return re.findall(r"var\(--([\w-]+)\)", values)


def pairs() -> set[tuple[str, str, float]]:
    """Return what stands on what in the style sheet, and the contrast that it needs."""
    found = set()
    for rule in RULES:
        texts, grounds = named(rule, "color"), named(rule, "background")
        if texts or grounds:
            all_pairs = product(texts or INHERITED, grounds or colours.BACKGROUNDS)
            found |= {(*pair, colours.TEXT) for pair in all_pairs}
        signs = set(named(rule, "border", "outline")) - {ORNAMENT}
        all_pairs = product(signs, grounds or colours.BACKGROUNDS)
        found |= {(*pair, colours.SIGN) for pair in all_pairs}
    return found


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21), ("#fff", "#000", 21), ("#abc", "#aabbcc", 1), ("#777", "#fff", 4.478)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    """Known contrasts, among them that of the grey which just fails on white."""
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.001)


@pytest.mark.parametrize("scheme", colours.PALETTE)
def test_what_stands_on_what_can_be_read(scheme):
    """Each text and each sign of the style sheet has its contrast, on all it may stand on."""
    palette = colours.PALETTE[scheme]
    found = {
        (one, other): (round(ratio, 2), least)
        for one, other, least in pairs()
        if (ratio := colours.contrast(palette[one], palette[other])) < least
    }
    assert found == {}
    assert len(pairs()) >= 12


def test_style_sheet_has_no_other_colours():
    """All its colours are those of the palette, each is used, and a veil is black."""
    assert {name for rule in RULES for name in named(rule, "")} == set(colours.PALETTE["light"])
    assert list(colours.PALETTE["light"]) == list(colours.PALETTE["dark"])
    own = r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|(?:ok)?l(?:ab|ch)|color(?:-mix)?)\((?!0 0 0 / )"
    assert re.findall(own, SHEET) == []


@hypothesis.settings(max_examples=100, deadline=None, derandomize=True, database=None)
@hypothesis.given(
    st.integers(0, 0xFFFFFF).map("#{:06x}".format) | st.integers(0, 0xFFF).map("#{:03x}".format),
    st.sampled_from(list(colours.PALETTE)),
)
def test_shade_is_the_nearest_that_can_be_read(colour, scheme):
    """A colour that can be read stays; any other is changed as far as it must, within its hue."""
    shade = colours.shade(colour, scheme)
    assert colours.weakest(shade, scheme)[0] >= colours.TEXT
    if colours.weakest(colour, scheme)[0] >= colours.TEXT:
        assert shade == colour
        return
    assert colours.weakest(shade, scheme)[0] < colours.TEXT + 0.4
    before, after = Color(colour).convert("oklch"), Color(shade).convert("oklch")
    if min(before["chroma"], after["chroma"]) > 0.04:
        turned = abs(before["hue"] - after["hue"])
        assert min(turned, 360 - turned) < 5


def test_accent_is_taken_from_the_settings():
    """What an institute leaves out is the theme's, or a shade of the colour that it sets."""
    assert colours.palette(None, None) == colours.PALETTE
    own = colours.palette("#003366", None)
    assert own["light"]["link"] == "#003366"
    assert own["dark"]["link"] == colours.shade("#003366", "dark") != "#003366"
    assert colours.palette("#003366", "#fc0")["dark"]["link"] == "#fc0"
    assert colours.palette(None, "#fc0")["light"]["link"] == colours.PALETTE["light"]["link"]
    assert own["dark"]["paper"] == colours.PALETTE["dark"]["paper"]
