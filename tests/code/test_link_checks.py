"""Each fault of a link in a page, a catalogue or the record is caught offline, by name."""

import re
from pathlib import Path

import polib
import pytest

import test_links
from addresses import fault
from copies import reword, small_guide
from guide import Guide

# -- Addresses ----------------------------------------------------------------------------

RIGHT = (
    "https://example.org",
    "https://example.org/",
    "https://example.org:8443/status",
    "https://example.org/~anna/",
    "https://example.org/@anna",
    "https://example.org/?lang=en",
    "https://example.org/search?q=a;b=c&page=2#found",
    "https://example.org/a#:~:text=some%20words,-more",
    "https://example.org/Bell_(unit)",
    "https://example.org/a..b/...c",
    "https://example.org/blog/utm_source=x",
    "https://example.org/?source=utm&clid=1&pkg=a&utmost=b",
    "https://xn--bcher-kva.example/",
    "https://1and1.example/",
    "https://local.example.org/internal.local",
    "https://archive.example/web/2020/https://example.org/",
    # That of the seed text.
    "https://wiki.geant.org/display/TCSNT/TCS+wiki+%282020%29+Sectigo",
)

NO_NUMBER = "leads to the IP address {}: write the name of the host"
NOT_PUBLIC = "leads to {}, which is not public: write what everybody reaches"
FOLLOWED = "holds {}, by which readers are followed: write {}"
SESSION = "holds {}, which is the session of one reader: write {}"
LENT = "ends with the {} of the sentence around it: write {}"
HOST = "has “{}” for a host: write its name"

# What is said of each; where that tells what to write, the rest is left to the address itself.
WRONG = {
    "http://example.org/a": "starts with http:, which is not secure: write https://example.org/a",
    "HTTPS://example.org/": "does not start with https://: write https://example.org/",
    "www.example.org": "does not start with https://: write https://www.example.org",
    "www.example.org:8443/a": "does not start with https://: write https://www.example.org:8443/a",
    "//example.org/a": "does not start with https://: write https://example.org/a",
    "https:/example.org/a": "does not start with https://: write https://example.org/a",
    "ftp://example.org/a": "starts with ftp: instead of https: write https://…",
    "javascript:alert(1)": "starts with javascript: instead of https: write https://…",
    "data:text/html,a": "starts with data: instead of https: write https://…",
    "https://": f"does not start with https://, and {HOST.format('')}",
    "https://a..example.org/": HOST.format("a..example.org"),
    "https://exam_ple.org/": HOST.format("exam_ple.org"),
    "https://-a.example.org/": HOST.format("-a.example.org"),
    "https://example.123/": HOST.format("example.123"),
    "https://192.0.2.1/a": NO_NUMBER.format("192.0.2.1"),
    "https://192.0.2.1:8443/": NO_NUMBER.format("192.0.2.1"),
    "https://3221225985/": NO_NUMBER.format("192.0.2.1"),
    "https://0xC0000201/": NO_NUMBER.format("192.0.2.1"),
    "https://0300.0.02.0x1/": NO_NUMBER.format("192.0.2.1"),
    "https://192.513/": NO_NUMBER.format("192.0.2.1"),
    "https://192.0.2.1./": NO_NUMBER.format("192.0.2.1"),
    "https://１92.0.2.1/": NO_NUMBER.format("192.0.2.1"),
    "https://%31%392.0.2.1/": NO_NUMBER.format("192.0.2.1"),
    "https://[2001:db8::1]/a": NO_NUMBER.format("2001:db8::1"),
    "https://[::1]:8443/": NO_NUMBER.format("::1"),
    "https://2001:db8::1/": NO_NUMBER.format("2001:db8::1"),
    "https://localhost:8000/": NOT_PUBLIC.format("localhost"),
    "https://wiki/": NOT_PUBLIC.format("wiki"),
    **{
        f"https://wiki.{name}/": NOT_PUBLIC.format(f"wiki.{name}")
        for name in (
            *("local", "internal", "lan", "home", "home.arpa", "intranet", "corp", "localhost"),
            *("invalid", "test", "onion", "localdomain"),
        )
    },
    "https://wiki.Lan./": NOT_PUBLIC.format("wiki.lan"),
    "https://anna@example.org/": "holds the login anna@: write https://example.org/",
    "https://anna:secret@example.org/": "holds the login anna@: write https://example.org/",
    "https://example.org:99999/": "has “99999” for a port: write a number, or no colon",
    "https://example.org:/": "has “” for a port: write a number, or no colon",
    "https://Example.ORG/A": "has its host written as Example.ORG: write https://example.org/A",
    "https://example.org./": "has its host written as example.org.: write https://example.org/",
    "https://bücher.example/": (
        "has its host written as bücher.example: write https://xn--bcher-kva.example/"
    ),
    **{
        f"https://example.org/?{name}=1&a=2": FOLLOWED.format(name, "https://example.org/?a=2")
        for name in (
            *("utm_source", "utm_content", "fbclid", "gclid", "mc_cid", "mc_eid", "_ga", "_gl"),
            *("msclkid", "igshid", "yclid", "pk_campaign", "mtm_source", "xtor", "at_medium"),
        )
    },
    "https://example.org/a?UTM_Source=1": FOLLOWED.format("UTM_Source", "https://example.org/a"),
    "https://example.org/a?%75tm_id=1#b": FOLLOWED.format("utm_id", "https://example.org/a#b"),
    "https://example.org/a?b=1;fbclid=1;c=2": FOLLOWED.format(
        "fbclid", "https://example.org/a?b=1;c=2"
    ),
    "https://example.org/a#xtor=RSS-1": FOLLOWED.format("xtor", "https://example.org/a"),
    "https://example.org/a?PHPSESSID=1": SESSION.format("PHPSESSID", "https://example.org/a"),
    "https://example.org/a;jsessionid=1?b=2": SESSION.format(
        "jsessionid", "https://example.org/a?b=2"
    ),
    "https://example.org/a?access_token=1": (
        "holds access_token, which is a secret: write https://example.org/a"
    ),
    **{
        f"https://example.org/a{lent}": LENT.format(lent, "https://example.org/a")
        for lent in (".", ",", ";", ":", "!", "?", "…", "'", '"', "»", "”", ")", "].", "),", "...")
    },
    "https://example.org/Bell_(unit)).": LENT.format(").", "https://example.org/Bell_(unit)"),
    "https://example.org/été": "holds é unescaped: write https://example.org/%C3%A9t%C3%A9",
    "https://example.org/«a»b": "holds « » unescaped: write https://example.org/%C2%ABa%C2%BBb",
    "https://example.org/a b": "holds space unescaped: write https://example.org/a%20b",
    "https://example.org/a\u00a0b": (
        "holds no-break space unescaped: write https://example.org/a%C2%A0b"
    ),
    "https://example.org/?a={b}|c": (
        "holds { } | unescaped: write https://example.org/?a=%7Bb%7D%7Cc"
    ),
    "https://example.org/%zz": "holds %zz, which is no escape: write %25 for the sign %",
    "https://example.org/100%": "holds %, which is no escape: write %25 for the sign %",
    "https://example.org/a#": "has an empty anchor: write https://example.org/a",
    "https://example.org/a##b": "holds # twice: write https://example.org/a#b",
    "https://example.org/a#b#c": "holds # twice: write one anchor, and %23 for a # in its name",
    "https://example.org/a/../b": "holds . or .. for a folder: write https://example.org/b",
    "https://example.org/a/%2E%2e/./b": "holds . or .. for a folder: write https://example.org/b",
    "https://example.org/../../b": "holds . or .. for a folder: write https://example.org/b",
    " https://example.org/": "has blanks around it: write https://example.org/",
    "https://example.org/a\u200bb": (
        "holds the character U+200B, which nobody sees: write https://example.org/ab"
    ),
    "https://example.org/?a=1&amp;b=2": (
        "holds &amp; instead of &: write https://example.org/?a=1&b=2"
    ),
    "https://example.org\\a": "holds \\ instead of /: write https://example.org/a",
    "http://anna@Example.org/a.": (
        "ends with the . of the sentence around it, and starts with http:, which is not secure, "
        "and holds the login anna@, and has its host written as Example.org: "
        "write https://example.org/a"
    ),
}


@pytest.mark.parametrize("address", RIGHT)
def test_right_address_has_no_fault(address):
    """What may be linked is left alone."""
    assert fault(address) == ""


@pytest.mark.parametrize(("address", "said"), WRONG.items(), ids=WRONG.keys())
def test_wrong_address_is_told_with_the_right_one(address, said):
    """The reason is precise; what is to be written instead has no fault itself."""
    assert fault(address) == said
    better = re.search(r"write (https://[^…]+)$", said)
    assert not better or fault(better[1]) == ""


# -- Pages, catalogues and the record -----------------------------------------------------

E = "https://example.org"
# Paragraphs of an English page, and what must be said of each.
PAGE = {
    "http": ("`A <http://example.org/a>`__", "starts with http:, which is not secure: write https"),
    "IPv4": ("`B <https://192.0.2.7/b>`__", NO_NUMBER.format("192.0.2.7")),
    "number": ("`C <https://3221225985/>`__", NO_NUMBER.format("192.0.2.1")),
    "IPv6": ("`D <https://[2001:db8::1]/d>`__", NO_NUMBER.format("2001:db8::1")),
    "private": ("`E <https://wiki.lan/e>`__", NOT_PUBLIC.format("wiki.lan")),
    "localhost": ("`F <https://localhost:8000/>`__", NOT_PUBLIC.format("localhost")),
    "login": ("`G <https://anna:x@example.org/g>`__", f"holds the login anna@: write {E}/g"),
    "tracking": (f"`H <{E}/h?utm_source=x>`__", FOLLOWED.format("utm_source", f"{E}/h")),
    "session": (f"`I <{E}/i;jsessionid=1>`__", SESSION.format("jsessionid", f"{E}/i")),
    "point": (f"`J <{E}/j.>`__", LENT.format(".", f"{E}/j")),
    "bracket": (f"`K <{E}/k)>`__", LENT.format(")", f"{E}/k")),
    "accent": (f"`L <{E}/été>`__", "holds é unescaped: write https://example.org/%C3%A9t%C3%A9"),
    "escape": (f"`M <{E}/%zz>`__", "holds %zz, which is no escape"),
    "capitals": ("`N <https://Example.org/n>`__", f"host written as Example.org: write {E}/n"),
    "anchors": (f"`O <{E}/o##p>`__", f"holds # twice: write {E}/o#p"),
    "folders": (f"`P <{E}/o/../p>`__", f"holds . or .. for a folder: write {E}/p"),
    "www": ("`Q <www.example.org/q>`__", "does not start with https://: write https://www."),
    "unknown": (f"`R <{E}/unknown>`__", f"{E}/unknown is not in links.toml. If the address"),
    "mail": ("`S <mailto:anna>`__", "mailto:anna is no e-mail address"),
    "here": (f"Look `here <{E}/right>`__.", f"“here” does not say where the link to {E}/right"),
    "click": (":ref:`Click on this link <target>`", "“Click on this link” does not say where"),
    "bare": (f"Look at {E}/right#a, say.", f"what is there, `what it is <{E}/right#a>`__"),
    "picture": (
        f".. image:: dot.svg\n   :target: {E}/right?picture",
        f"the link to {E}/right?picture has no text: say where it leads",
    ),
    "ambiguous": (
        f"`The state <{E}/right>`__, `the state <{E}/right#b>`__",
        f"“the state” leads to {E}/right and to {E}/right#b: give each a text of its own",
    ),
    "marked": (
        f"`The rules <{E}/rules>`__, ANSSI (only in French)",
        f"{E}/rules: leave out “(only in French)”: the site writes it, from",
    ),
    "language": (
        f"`The law <{E}/right?law>`__, in French.",
        f"{E}/right?law: leave out “in French”: the site writes it, from the record",
    ),
    "file": ("`The file <nowhere.html>`__", "nowhere.html leads to no file of the site"),
    "root": ("`The start </en/index.html>`__", "at the root of the host: start at this page, as"),
    "anchor": ("`The part <index.html#nowhere>`__", "index has no anchor nowhere"),
}
# Of those of a French catalogue: the English, which is right, and the French.
FRENCH = {
    "http": (
        f"`The plan <{E}/right?1>`__",
        "`Le plan <http://example.org/right?1>`__",
        f"starts with http:, which is not secure: write {E}/right?1",
    ),
    "tracking": (
        f"`The letter <{E}/right?2>`__",
        f"`La lettre <{E}/right?2&mtm_campaign=x>`__",
        FOLLOWED.format("mtm_campaign", f"{E}/right?2"),
    ),
    "quotes": (
        f"`The note <{E}/right?3>`__",
        f"`La note <{E}/right?3»>`__",
        LENT.format("»", f"{E}/right?3"),
    ),
    "ici": (
        f"`The charter <{E}/right?4>`__",
        f"La charte est `ici <{E}/right?4>`__",
        f"“ici” does not say where the link to {E}/right?4 leads",
    ),
    "plus": (
        f"`The course <{E}/right?5>`__",
        f"`Pour en savoir plus… <{E}/right?5>`__",
        "“Pour en savoir plus…” does not say where",
    ),
    "marked": (
        f"`The map <{E}/right?6>`__",
        f"`La carte <{E}/right?6>`__ (en anglais)",
        f"{E}/right?6: leave out “(en anglais)”: the site writes it, from the record",
    ),
    "lost": (
        f"`The form <{E}/right?7>`__",
        "Le formulaire",
        f"the English page links {E}/right?7, this one does not. Link it here too",
    ),
    "unknown": (
        f"`The list <{E}/right?8>`__",
        f"`La liste <{E}/liste>`__",
        f"{E}/liste is not in links.toml",
    ),
    "blank": (
        f"`The book <{E}/right?10>`__",
        f"`Le livre <{E}/right 10>`__",
        f"{E}/right 10 holds a blank: write %20 for it",
    ),
    "script": (
        f"`The game <{E}/right?9>`__",
        "`Le jeu <javascript:alert(9)>`__",
        "javascript:alert(9) starts with javascript: instead of https",
    ),
    "anchor": (
        ":ref:`The target <target>`",
        "`La cible <page.html#cible>`__",
        "page has no anchor cible",
    ),
}
RECORD = {
    "language": (
        f'["{E}/unsaid"]\nlanguage = []',
        f'["{E}/unsaid"]: write which language the page has',
    ),
    "unused": (f'["{E}/unused"]', f"{E}/unused: no page, catalogue or setting links it"),
    "number": ('["https://192.0.2.9/"]', NO_NUMBER.format("192.0.2.9")),
    "copy": (
        f'["{E}/copied"]\narchived = "https://archive.example/a?fbclid=1"',
        f'["{E}/copied"]: archived: https://archive.example/a?fbclid=1 holds fbclid',
    ),
    "counterpart": (
        f'["{E}/other"]\ncounterpart.fr = "https://wiki.local/"',
        f'["{E}/other"]: counterpart.fr: https://wiki.local/ leads to wiki.local, which is not',
    ),
}
INSTALL = f"`How to install it <{E}/install>`__"
INSTALLER = f"`Comment l’installer <{E}/installer>`__"
# Links that are right, and what people know of them.
GOOD = f"""
`The rules <{E}/rules>`__, `the state <{E}/both>`__, `its history <{E}/Bell_(unit)>`__,
`an older page <{E}/gone>`__, :ref:`the target <target>`, `the same page in French
<../fr/page.html>`__, the :doc:`start page <index>`.

{INSTALL}

.. image:: dot.svg
   :alt: The state of the cluster
   :target: {E}/both
"""
KNOWN = f"""
["{E}/rules"]
language = "fr"
["{E}/both"]
language = ["en", "fr"]
["{E}/Bell_(unit)"]
language = ["en", "fr"]
["{E}/gone"]
language = "en"
dead = "since 2025"
archived = "https://archive.example/gone"
["{E}/install"]
language = "en"
counterpart.fr = "{E}/installer"
["{E}/installer"]
language = "fr"
["{E}/left-out"]
language = "en"
"""
# What the site writes, and what it must not leave out or add.
BUILT = {
    "hreflang": (' hreflang="fr"', "", f"{E}/rules: hreflang is not fr"),
    "mark": ("language-mark", "mark", f"{E}/rules: behind it, nothing says that it is in fr"),
    "marked": (
        f'href="{E}/both"',
        f'hreflang="fr" href="{E}/both"',
        f"{E}/both: marked as another language, though",
    ),
}
HEAD = ":orphan:\n\n.. _target:\n\nThe title\n=========\n\n"


def write_record(root: Path) -> None:
    """Add what is known of the links of the pages to the record."""
    right = "both|right|" + "|".join(re.findall(r"right[?#]\w+", f"{PAGE}{FRENCH}"))
    tables = [f'["{E}/{name}"]\nlanguage = ["en", "fr"]' for name in right.split("|")[1:]]
    tables = [*dict.fromkeys(tables), *re.split(r"\n(?=\[\")", KNOWN.strip())]
    tables += [table for table, _ in RECORD.values()]
    with open(root / "links.toml", "a", encoding="utf-8") as file:
        for table in tables:
            language = "" if "language =" in table else 'language = "en"\n'
            file.write(f'\n{table}\n{language}what = "a page"\n')


def write_catalogue(path: Path, texts: dict[str, str]) -> None:
    """Write a catalogue of English texts and their translations."""
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    for english, french in texts.items():
        catalogue.append(polib.POEntry(msgid=english, msgstr=french))
    catalogue.save(str(path))


@pytest.fixture(scope="module")
def guide(tmp_path_factory) -> Guide:
    """A guide with all the faults of pages, catalogues and the record, built once."""
    folder = tmp_path_factory.mktemp("links")
    paragraphs = [markup for markup, _ in PAGE.values()]
    root = small_guide(
        folder / "guide",
        "accessibility",
        page=HEAD + "\n\n".join(paragraphs) + "\n",
        french=HEAD.replace("target", "other")
        + "\n\n".join(english for english, _, _ in FRENCH.values())
        + "\n",
        good=HEAD.replace("target", "good") + GOOD,
    )
    (root / "source/dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    # What is not offered is in no build.
    reword(root / "institute.toml", '["sesame", "harica"]', '["sesame"]')
    with open(root / "source/request-harica.rst", "a", encoding="utf-8") as page:
        page.write(f"\n`The campus\n<{E}/left-out>`__\n")
    write_record(root)
    french = {english: french for english, french, _ in FRENCH.values()}
    write_catalogue(root / "locale/fr/LC_MESSAGES/french.po", french)
    write_catalogue(root / "locale/fr/LC_MESSAGES/good.po", {INSTALL: INSTALLER})
    (folder / "built").mkdir()
    return Guide(root, folder / "built")


def found(guide: Guide) -> list[str]:
    """Return what the checks of links say."""
    checks = (
        *(test_links.links, test_links.blanks, test_links.record, test_links.unused),
        *(test_links.texts, test_links.languages, test_links.internal),
    )
    results = [result for check in checks for result in check(guide)]
    return [line for result in results for line in result.problem.splitlines()]


@pytest.fixture(scope="module")
def problems(guide) -> list[str]:
    """What the checks of links say about it, a line each."""
    return found(guide)


def judge(problems: list[str], root: Path, file: str, texts: list[str], said: str) -> None:
    """Judge that something is said, with the file, and the line that holds one of the texts."""
    lines = [line for line in problems if said in line]
    assert lines, f"nobody says: {said}"
    places = [re.match(rf"{re.escape(file)}:(\d+): ", line) for line in lines]
    assert any(places), lines
    shown = (root / file).read_text(encoding="utf-8").splitlines()
    numbers = [int(place[1]) for place in places if place]
    assert any(text in shown[number - 1] for number in numbers for text in texts)


@pytest.mark.parametrize(("markup", "said"), PAGE.values(), ids=PAGE.keys())
def test_fault_of_a_page_is_named(guide, problems, markup, said):
    """It is named with its line, its reason and what to write."""
    judge(problems, guide.root, "source/page.rst", markup.splitlines()[-1:], said)


@pytest.mark.parametrize(("english", "french", "said"), FRENCH.values(), ids=FRENCH.keys())
def test_fault_of_a_catalogue_is_named(guide, problems, english, french, said):
    """It is named with the line of the catalogue, even if the English is right."""
    judge(problems, guide.root, "locale/fr/LC_MESSAGES/french.po", [english, french], said)


@pytest.mark.parametrize("said", [said for _, said in RECORD.values()], ids=RECORD.keys())
def test_fault_of_the_record_is_named(problems, said):
    """An address of the record is judged like those of the pages, and must be used."""
    assert [line for line in problems if said in line and line.startswith("links.toml: ")]


def test_right_links_are_left_alone(problems):
    """Among them a page that is gone and shown in its copy, and a portal that is left out."""
    assert not [line for line in problems if "good.rst" in line or "good.po" in line]
    named = ("rules", "both", "Bell_", "gone", "install", "left-out")
    unused = [line for line in problems if "links it. Delete" in line]
    assert not [line for line in unused for name in named if f"{E}/{name}" in line]


@pytest.mark.parametrize(("old", "new", "said"), BUILT.values(), ids=BUILT.keys())
def test_wrong_mark_of_the_language_is_named(guide, tmp_path, old, new, said):
    """Where the site left a mark out, or put one where none belongs, that is found."""
    path = guide.folder / "html/en/good.html"
    text = path.read_text(encoding="utf-8")
    assert old in text
    again = Guide(guide.root, guide.folder)
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        problems = [result.problem for result in test_links.languages(again)]
    finally:
        path.write_text(text, encoding="utf-8")
    assert [line for line in problems if said in line and "source/good.rst" in line]
