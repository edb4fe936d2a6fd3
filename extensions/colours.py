"""The colours of the site, and their contrast.

The style sheet takes them from here, so that what is judged is what is shown. An institute
sets the accent: that of links, of the mark of the page one reads, of buttons.
"""

from coloraide import Color

# By scheme: the paper with tints of it, and what stands on them.
PALETTE = {
    "light": {
        "paper": "#fff",
        "tint": "#f2f5f8",
        "mark": "#fff4dc",
        "ink": "#1d2329",
        "soft": "#4a545f",
        "link": "#0b5a7d",
        "line": "#d5dbe1",
        "mark-line": "#b26a00",
    },
    "dark": {
        "paper": "#14181c",
        "tint": "#1f262d",
        "mark": "#2d2616",
        "ink": "#e4e8ec",
        "soft": "#a8b3be",
        "link": "#7cc4e8",
        "line": "#38424c",
        "mark-line": "#e8a33d",
    },
}
# What text stands on.
BACKGROUNDS = ("paper", "tint", "mark")
# How much text must stand out, and what else tells something, such as the frame of a field
# (WCAG 2.2, 1.4.3 and 1.4.11: https://www.w3.org/TR/WCAG22/).
TEXT, SIGN = 4.5, 3
# By how much a shade differs from the next one in lightness, which goes from 0 to 1.
STEP = 0.005


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, from 1 to 21.

    Raises:
        ValueError: one of them is no colour of CSS.
    """
    return Color(one).contrast(other, method="wcag21")


def weakest(colour: str, scheme: str) -> tuple[float, str]:
    """Return the least contrast of a colour with what text stands on, and that background."""
    grounds = [PALETTE[scheme][name] for name in BACKGROUNDS]
    return min((contrast(colour, ground), ground) for ground in grounds)


def shade(colour: str, scheme: str) -> str:
    """Return a colour if text can have it, else the nearest one of its hue that text can have.

    Lightness alone is changed, in OKLCH, where colours of one hue look so to the eye
    (https://www.w3.org/TR/css-color-4/#ok-lab).
    """
    found, changed = colour, Color(colour).convert("oklch")
    # Black and white end it, should even they not do on a palette.
    while weakest(found, scheme)[0] < TEXT and -STEP < changed["lightness"] < 1 + STEP:
        changed["lightness"] += -STEP if scheme == "light" else STEP
        found = changed.convert("srgb").fit().to_string(hex=True)
    return found


def palette(light: str | None, dark: str | None) -> dict[str, dict[str, str]]:
    """Return the colours by scheme, with the accent of an institute.

    Args:
        light: its accent on light paper, or None for that of the theme.
        dark: its accent on dark paper, or None for a shade of the other one.
    """
    accents = {"light": light, "dark": dark or (light and shade(light, "dark"))}
    return {
        scheme: colours | ({"link": accents[scheme]} if accents[scheme] else {})
        for scheme, colours in PALETTE.items()
    }
