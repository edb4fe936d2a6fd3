"""What is broken in a drawing is found."""

import shutil
from types import SimpleNamespace

import pytest

import test_drawings
from copies import ROOT, reword

# Of a file: a piece of it, what it becomes, and what is said then.
BREAKS = [
    ("way.svg", "</svg>", "</sgv>", "way.svg: this is no XML"),
    ("way.fr.svg", 'id="keep"', 'id="kept"', "it differs from the English one: <g"),
    ("way.fr.svg", 'y="94"', 'y="95"', "it differs from the English one: <rect"),
    ("way.fr.svg", 'lang="fr"', 'lang="en"', 'write lang="fr" into <svg>'),
    ("way.fr.svg", ">Utiliser<", ">Use it<", "“Use it” is English"),
    ("way.fr.svg", "l’abri", "l'abri", "write ’ instead of '"),
    ("way.fr.svg", ".box { fill: #1f262d;", ".box { fill: #1f262e;", "its colours differ"),
    ("p12.fr.svg", "userkey.pem", "clef.pem", "it names other files"),
    ("way.svg", '<g id="use">', '<g id="keep">', "the id keep stands here twice"),
    ("way.svg", "<style>", "<image/><style>", "<image> is not drawn here"),
    ("way.svg", "<style>", "<style>@import 'x';", "take away @import"),
    ("way.svg", "<svg ", '<svg onload="x()" ', "take away onload="),
    ("way.svg", "<title ", "<!-- https://example.org --><title ", "take away //"),
    ("way.svg", "system-ui", "url(x.woff)", "take away url("),
    ("way.svg", "screen and ", "", "write nothing into <style> but"),
    ("way.svg", ">The way of a certificate<", "> <", "write a <title>"),
    ("way.svg", 'font-size="14"', 'font-size="11"', "“on the portal” is 12.0 pixels high"),
    ("way.svg", ">Convert it<", ">Convert it at once<", "is too long for its place"),
    ("way.svg", 'fill="#1d2329"', 'fill="navy"', "has the colours 'navy' and '#f2f5f8': write #"),
    ("way.svg", 'fill="#1d2329"', 'fill="#8a9299"', "has a contrast of 2.9 in the light"),
    ("way.svg", "text { fill: #e4e8ec; }", "", "has a contrast of 1.0 in the dark"),
    ("way.svg", ".arrow { stroke: #7cc4e8; }", "", "“to-keep” has a contrast of 2.4 in the dark"),
    ("p12.svg", 'stroke="#b26a00"', 'stroke="#ffe0a0"', "“key” has a contrast of 1.2 in the light"),
    ("p12.svg", '<rect class="paper"', '<rect class="paper" x="999"', "stands on nothing"),
]


@pytest.fixture
def guide(tmp_path):
    """A guide with our drawings only, to be broken."""
    shutil.copytree(ROOT / test_drawings.FOLDER, tmp_path / test_drawings.FOLDER)
    (tmp_path / "locale" / "fr").mkdir(parents=True)
    return SimpleNamespace(root=tmp_path)


def problems(guide) -> str:
    """Return what is said of the drawings of a guide."""
    return "\n".join(result.problem for result in test_drawings.drawn(guide) if result.problem)


def test_drawings_of_ours_are_sound(guide):
    """Nothing is said of what is not broken."""
    assert not problems(guide)


@pytest.mark.parametrize(("name", "old", "new", "said"), BREAKS)
def test_break_in_a_drawing_is_found(guide, name, old, new, said):
    """What is broken is named with the file."""
    reword(guide.root / test_drawings.FOLDER / name, old, new)
    found = [line for line in problems(guide).splitlines() if said in line]
    assert found
    assert all(line.startswith("source/drawings/") for line in found)


def test_drawing_that_is_missing_is_found(guide):
    """Each drawing is there in each of our languages, and in no other."""
    folder = guide.root / test_drawings.FOLDER
    (folder / "way.fr.svg").rename(folder / "way.de.svg")
    assert "way.fr.svg is missing" in problems(guide)
    assert "way.de.svg: no language of the guide" in problems(guide)
