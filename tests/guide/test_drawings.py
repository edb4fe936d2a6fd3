"""The drawings: alike in each language, readable in each light, and told in words."""

import re
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes

from colours import SIGN, TEXT, contrast
from guide import Guide
from results import gathered, judged_by
from schema import COLOUR
from test_typography import judged

FOLDER = Path("source") / "drawings"
# What a drawing may be made of: no raster, no script, nothing from elsewhere.
ELEMENTS = {"svg", "title", "style", "g", "rect", "path", "text"}
FORBIDDEN = (
    r"<[!?](?!--)|\bhref\b|\bon\w+\s*=|\bstyle\s*=|@import|@font-face|url\(|//(?!www\.w3\.org)"
)
DARK = re.compile(r"@media screen and \(prefers-color-scheme: dark\) \{(.*)\}", re.DOTALL)
# The text column of a page on a screen of 390 pixels, and the smallest text there.
COLUMN, SMALLEST = 350, 13
# How wide a letter is on average, in the widest of the usual fonts.
LETTER, BOLD_LETTER = 0.53, 0.62


class Drawing:
    """A drawing in one language.

    Attributes:
        text: the file as it is.
        elements: its elements, in their order.
        above: by element, the one around it.
    """

    def __init__(self, path: Path):
        """Read a drawing.

        Raises:
            ElementTree.ParseError: it is no XML.
        """
        self.text = path.read_text(encoding="utf-8")
        root = ElementTree.fromstring(self.text)
        self.elements = list(root.iter())
        self.above = {child: parent for parent in self.elements for child in parent}
        dark = DARK.fullmatch(self.style.strip())
        self.dark = re.findall(r"(\.?[\w-]+) \{(.*?)\}", dark[1]) if dark else []

    @property
    def style(self) -> str:
        """What the style sheet holds."""
        return "".join(one.text or "" for one in self.named("style"))

    def named(self, *tags: str) -> list[ElementTree.Element]:
        """Return the elements of some names."""
        return [one for one in self.elements if tag(one) in tags]

    def value(self, element: ElementTree.Element, name: str, dark: bool = False) -> str:
        """Return what an attribute is for an element, which may be set around it."""
        while element is not None:
            if dark:
                for selector, rules in self.dark:
                    found = re.search(rf"(?<![\w-]){name}: ([^;]+);", rules)
                    mine = (tag(element), f".{element.get('class')}")
                    if found and selector in mine:
                        return found[1]
            if name in element.attrib:
                return element.attrib[name]
            element = self.above.get(element)
        return ""

    def beneath(self, element: ElementTree.Element) -> ElementTree.Element | None:
        """Return the shape that an element is drawn on: the last one before it at its start."""
        start = re.match(r"M([\d.]+) ([\d.]+)", element.get("d", ""))
        place = start.groups() if start else (element.get("x", 0), element.get("y", 0))
        x, y = map(float, place)
        before = self.elements[: self.elements.index(element)]
        shapes = [one for one in before if tag(one) == "rect" and holds(one, x, y)]
        return shapes[-1] if shapes else None

    def groups(self) -> list[str]:
        """Return the texts that belong together, each group on one line."""
        groups = [one for one in self.named("g") if one.get("id")]
        return [" ".join(text.text or "" for text in one if tag(text) == "text") for one in groups]


def tag(element: ElementTree.Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def holds(rect: ElementTree.Element, x: float, y: float) -> bool:
    """Tell whether a point is in a rectangle."""
    left, top, width, height = (float(rect.get(name, 0)) for name in ("x", "y", "width", "height"))
    return left <= x <= left + width and top <= y <= top + height


def plain(text: str) -> str:
    """Return the words of a text, without what stands between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


# -- Checks -------------------------------------------------------------------------------


def drawn(guide: Guide):
    """Yield what is wrong with each drawing, in each of our languages."""
    folder = guide.root / FOLDER
    codes = sorted(path.name for path in (guide.root / "locale").iterdir() if path.is_dir())
    names = sorted({path.name.split(".")[0] for path in folder.glob("*.svg")})
    expected = {f"{name}{end}.svg" for name in names for end in ("", *(f".{c}" for c in codes))}
    there = {path.name for path in folder.iterdir()}
    findings = [
        (name, f"{FOLDER / name} is missing: draw it, with the words of this language")
        for name in sorted(expected - there)
    ]
    findings += [
        (name, f"{FOLDER / name}: no language of the guide. Delete it")
        for name in sorted(there - expected)
    ]
    yield from gathered("drawings", "files", findings)
    drawings = {}
    for name in sorted(expected & there):
        try:
            drawings[name] = Drawing(folder / name)
        except ElementTree.ParseError as error:
            problem = f"{FOLDER / name}: this is no XML: {error}"
            yield from gathered(name, "drawing", [(str(error), problem)])
    for name, drawing in drawings.items():
        stem, code = name.split(".")[0], name.split(".")[1] if name.count(".") > 1 else "en"
        found = list(judge(drawing, code))
        if code != "en" and (english := drawings.get(f"{stem}.svg")):
            found += differences(drawing, english)
        findings = [(said, f"{FOLDER / name}: {said}") for said in found]
        if code == "fr":
            words = [one.text or "" for one in drawing.named("text", "title")]
            results = [judged(name, str(FOLDER / name), text) for text in words]
            findings += [(one.problem, one.problem) for one in results if one.problem]
        yield from gathered(name, "drawing", findings)


def judge(drawing: Drawing, code: str):
    """Yield what is wrong with a drawing by itself."""
    root = drawing.elements[0]
    if root.get("lang") != code:
        yield f'write lang="{code}" into <svg>'
    titles = drawing.named("title")
    if len(titles) != 1 or not (titles[0].text or "").strip():
        yield "write a <title> that says what it shows"
    ids = [one.get("id") for one in drawing.elements if one.get("id")]
    yield from (
        f"the id {twice} stands here twice" for twice in {i for i in ids if ids.count(i) > 1}
    )
    for one in drawing.elements:
        if tag(one) not in ELEMENTS:
            yield f"<{tag(one)}> is not drawn here: use {', '.join(sorted(ELEMENTS))}"
    yield from (f"take away {found[0]}" for found in re.finditer(FORBIDDEN, drawing.text))
    if not drawing.dark:
        yield "write nothing into <style> but @media screen and (prefers-color-scheme: dark) { … }"
    yield from readable(drawing)


def readable(drawing: Drawing):
    """Yield each text that is too small, too long or too pale, and each line that is too pale."""
    _, _, width, _ = map(float, drawing.elements[0].get("viewBox", "0 0 1 1").split())
    for text in drawing.named("text"):
        words = f"“{text.text}”"
        size = float(drawing.value(text, "font-size") or 0)
        if (
            shown := size * min(COLUMN, float(drawing.elements[0].get("width", 0))) / width
        ) < SMALLEST:
            yield f"{words} is {shown:.1f} pixels high on a small screen: {SMALLEST} at least"
        beneath = drawing.beneath(text)
        if beneath is None:
            continue
        letter = BOLD_LETTER if drawing.value(text, "font-weight") == "bold" else LETTER
        half = len(text.text or "") * letter * size / 2
        x, left = float(text.get("x")), float(beneath.get("x", 0))
        ends = (
            (x, x + 2 * half)
            if drawing.value(text, "text-anchor") == "start"
            else (x - half, x + half)
        )
        if ends[0] < left or ends[1] > left + float(beneath.get("width")):
            yield f"{words} is too long for its place: say it shorter"
    for element in drawing.named("text", "rect", "path"):
        kind, least = ("fill", TEXT) if tag(element) == "text" else ("stroke", SIGN)
        beneath = drawing.beneath(element)
        if not drawing.value(element, kind):
            continue
        what = element.text if kind == "fill" else element.get("id") or element.get("class")
        if beneath is None:
            yield f"“{what}” stands on nothing: draw the paper first"
            continue
        for dark in (False, True):
            pair = drawing.value(element, kind, dark), drawing.value(beneath, "fill", dark)
            if not all(map(COLOUR.fullmatch, pair)):
                yield f"“{what}” has the colours {' and '.join(map(repr, pair))}: write #rrggbb"
            elif (found := contrast(*pair)) < least:
                where = "in the dark" if dark else "in the light"
                yield f"“{what}” has a contrast of {found:.1f} {where}: {least} at least"


def differences(drawing: Drawing, english: Drawing):
    """Yield how a drawing differs from the English one, but for its words; and words left."""

    def shape(one: ElementTree.Element) -> tuple:
        return tag(one), {name: value for name, value in one.attrib.items() if name != "lang"}

    pairs = list(zip(drawing.elements, english.elements, strict=False))
    other = [here for here, there in pairs if shape(here) != shape(there)]
    if other or len(drawing.elements) != len(english.elements):
        at = f"<{tag(other[0])} {other[0].attrib}>" if other else "the number of its elements"
        yield f"it differs from the English one: {at}. Only the words may differ"
    if drawing.style != english.style:
        yield "its colours differ from those of the English one"
    known = {one.text for one in english.named("text", "title") if one.get("class") != "literal"}
    for one in drawing.named("text", "title"):
        if one.text in known:
            yield f"“{one.text}” is English: translate it"
    literals = [
        [o.text for o in each.named("text") if o.get("class")] for each in (drawing, english)
    ]
    if literals[0] != literals[1]:
        yield f"it names other files than the English one: {literals[0]}, {literals[1]}"


def told(guide: Guide):
    """Yield where a drawing is shown by no page of ours, or its alternative leaves words out."""
    folder = guide.root / FOLDER
    sources = {path: path.read_text(encoding="utf-8") for path in folder.parent.glob("*.rst")}
    for path in sorted(folder.glob("*.svg")):
        if path.name.count(".") > 1:
            continue
        address = f"/drawings/{path.name}"
        pages = [page.stem for page, text in sources.items() if f":: {address}\n" in text]
        findings = []
        if not pages:
            advice = f"show it with .. image:: {address}, or delete it"
            findings.append(("use", f"{FOLDER / path.name}: no page shows it: {advice}"))
        yield from gathered(path.name, "use", findings)
        # A page that the overlay replaces is its own.
        for page in set(pages) & set(guide.pages) - guide.own_pages.keys():
            for language in guide.languages:
                mine = folder / f"{path.stem}.{language}.svg"
                if language == "en" or mine.exists():
                    drawing = path if language == "en" else mine
                    yield from words_told(guide, page, language, drawing)


def words_told(guide: Guide, page: str, language: str, path: Path):
    """Yield the words of a drawing that its alternative on a page leaves out."""
    pictures = guide.doctree(page, language).findall(nodes.image)
    alts = [one.get("alt", "") for one in pictures if Path(one["uri"]).name == path.name]
    where = guide.where(page, language, *alts)
    findings = [
        (
            group,
            f"{where}: the :alt: of {path.name} does not say “{group}”: write all that it shows",
        )
        for group in Drawing(path).groups()
        if not any(plain(group) in plain(alt) for alt in alts)
    ]
    yield from gathered(f"{page}.rst", f"alternative of {path.name} [{language}]", findings)


@judged_by(drawn)
def test_drawing_is_sound(result):
    """A drawing is the same in each language, asks nobody, and can be read in each light."""
    result.report()


@judged_by(told)
def test_drawing_is_told_in_words(result):
    """A page shows the drawing, and its text alternative says what stands in it."""
    result.report()
