"""The pages are built so that a screen reader finds its way."""

import re
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup, Tag

from built import every, is_of_language

HEADING = re.compile(r"h[1-6]")


@pytest.fixture(scope="module")
def framed(site) -> dict[str, BeautifulSoup]:
    """The pages of the languages, which have one frame."""
    return {name: page for name, page in every(site).items() if is_of_language(name)}


def named(tag: Tag, page: BeautifulSoup) -> str:
    """Return the name that an element has for a screen reader by its attributes."""
    if "aria-labelledby" in tag.attrs:
        return page.find(id=tag["aria-labelledby"]).get_text(" ", strip=True)
    return tag.get("aria-label", "").strip()


def test_frame_is_complete(framed):
    """The skip link first, then header, menus, the text and the footer, each once."""
    for name, page in framed.items():
        assert page.body.find(True)["class"] == ["skip"], name
        target = page.body.find(True)["href"]
        main = page.find_all("main")
        assert [f"#{each['id']}" for each in main] == [target], name
        assert len(page.body.find_all("header", recursive=False)) == 1, name
        assert len(page.body.find_all("footer", recursive=False)) == 1, name
        assert not page.footer.find_parent("main"), name
        menus = [named(nav, page) for nav in page.find_all("nav")]
        assert all(menus), f"{name}: a nav has no name"
        assert len(set(menus)) == len(menus) >= 2, f"{name}: {menus}"


def test_headings_are_in_order(site):
    """One h1, first, and no level left out on the way down."""
    for name, page in every(site).items():
        levels = [int(tag.name[1]) for tag in page.find_all(HEADING)]
        assert levels[0] == 1, f"{name}: {levels}"
        assert levels.count(1) == 1, f"{name}: {levels}"
        for one, following in pairwise(levels):
            assert following <= one + 1, f"{name}: {levels}"
        assert all(tag.get_text(strip=True) for tag in page.find_all(HEADING)), name


def test_pages_say_their_language_and_title(site):
    """Each page has a language and a title of its own; no two of a language are alike."""
    titles = {}
    for name, page in every(site).items():
        language, title = page.html["lang"], page.title.get_text(strip=True)
        assert language, name
        assert title, name
        if is_of_language(name):
            assert language == name.split("/")[0].replace("_", "-"), name
            other = titles.setdefault((language, title), name)
            assert other == name, f"{name}, {other}: {title}"


def test_transcripts_are_english(framed):
    """What programs print is marked as English on the pages of other languages."""
    for name, page in framed.items():
        for block in page.select("[class*=highlight-] pre"):
            nearest = block if block.get("lang") else block.find_parent(lang=True)
            assert nearest["lang"] == "en", f"{name}: {block.get_text()[:80]}"


def test_table_cells_have_headers(framed):
    """Each table has a caption, and each header cell says what it is for (RGAA 5.4, 5.7)."""
    scopes = {"col", "row", "colgroup", "rowgroup"}
    for name, page in framed.items():
        for table in page.find_all("table"):
            assert named(table, page) or table.caption, f"{name}: a table has no name"
            assert table.find("th"), f"{name}: a table has no header"
        for cell in page.find_all("th"):
            assert cell.get("scope") in scopes, f"{name}: {cell}"


def test_pictures_have_a_text(framed):
    """Each picture has an alternative, if only an empty one."""
    for name, page in framed.items():
        for image in page.find_all("img"):
            assert "alt" in image.attrs, f"{name}: {image}"
            assert not re.search(r"\.(svg|png|jpe?g)$", image["alt"]), f"{name}: {image}"
        for drawing in page.find_all("svg"):
            assert drawing.get("aria-hidden") or named(drawing, page), f"{name}: {drawing}"


def test_anchors_are_unique(site):
    """No id stands twice on a page."""
    for name, page in every(site).items():
        found = [tag["id"] for tag in page.find_all(id=True)]
        twice = {one for one in found if found.count(one) > 1}
        assert not twice, f"{name}: {twice}"


def test_links_say_where_they_lead(site):
    """Each link and each button has a text, and no link opens a window (RGAA 6.2, 13.2)."""
    for name, page in every(site).items():
        for tag in page.find_all(["a", "button"]):
            if tag.name == "a" and not tag.get("href"):
                continue
            alt = " ".join(image["alt"] for image in tag.find_all("img"))
            assert tag.get_text(strip=True) or alt or named(tag, page), f"{name}: {tag}"
            assert "target" not in tag.attrs, f"{name}: {tag}"


def test_fields_have_labels(site):
    """Each field of a form has a visible label (RGAA 11.1)."""
    for name, page in every(site).items():
        for field in page.find_all(["input", "select", "textarea"]):
            assert page.find("label", attrs={"for": field["id"]}), f"{name}: {field}"


def test_current_page_is_marked(framed):
    """The menu says which page this is, at most once."""
    for name, page in framed.items():
        marked = page.select(".guide [aria-current=page]")
        assert len(marked) <= 1, name
        if marked:
            title = page.h1.find(string=True).strip()
            assert marked[0].get_text(strip=True) in (title, page.select_one(".guide a").text), name


def test_help_is_at_the_same_place(framed):
    """The sitemap and the declaration are the first links of each footer (RGAA 12.1, 12.2)."""
    for name, page in framed.items():
        links = [link["href"] for link in page.footer.find_all("a")]
        own = name.split("/")[-1]
        expected = [("#" if own == one else one) for one in ("sitemap.html", "accessibility.html")]
        assert links[:2] == expected, name
