"""Settings: what is wrong is said, no site is harmed, and no value brings markup into a page."""

import copy
import datetime
import json
import re
import tomllib
from pathlib import Path

import hypothesis
import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import strategies as st
from sphinx.errors import ConfigError

import build_site
import institute
import schema
import settings
from copies import ROOT, reword
from settings import IDENTITY, NAME, Reading

OWN = f"local/{NAME}"
TEXT = (ROOT / NAME).read_text(encoding="utf-8")
# The values of upstream, and those with each key that may be left out.
UPSTREAM = tomllib.loads(TEXT)
COMPLETE = tomllib.loads(re.sub(r"(?m)^#(?=[\w-]+ = |\[)", "", TEXT))

# Values of the own file that are wrong, by their place and what is said of them.
STAFF, LINK, SITE = "[institute.en] staff", "[documentation] address", "[site] logo"
COLOUR = "[site] colour"
URL = 'write an address that starts with https://, as in "https://example.org/help"'
# fmt: off
WRONG_VALUES = {
    (STAFF, 'write staff = "…", a text on one line'): ["3", "true", "2024-02-29", "{}", '["x"]'],
    (STAFF, "write it without blanks at its start and end"): [
        "' x'", "'x '", r'"\u00a0x"', "' javascript:alert(1)'"],
    (STAFF, "fill in a text"): ['""', r'" \u00a0"'],
    (STAFF, "write it on one line, without control characters"): [
        r'"a\nb"', '"""a\nb"""', r'"\u0007"', r'"\u202Ex"', r'"\u2066x"', r'"x\u2028x"'],
    (STAFF, "write plain text, without markup such as "): [
        "'<b>x'", "'`x`'", "'|x|'", "'**x**'", r"'a\b'", "'{{ x }}'", "'{% %}'", "'x::'", "'x__'"],
    (LINK, 'write address = "https://…"'): ["3", "[]"],
    (LINK, URL): [
        "'http://example.org/'", "'javascript:alert(1)'", "'data:text/html,x'", "'//example.org'",
        "'https://example.org/a b'", "'https://example.org/\"'", "'https://a:b@example.org/'",
        "'me@example.org'", "'https://example.org/>`__'", "'https://example'"],
    ("[help-desk] address", f"{URL}, or an e-mail address"): [
        "'me@example'", "'a b@example.org'", "'me@@example.org'", "'mailto:me@example.org'"],
    ("domains", 'write domains = ["example.org"], a list of e-mail domains, or []'): ["'x.org'"],
    ("languages", 'write languages = ["en", "fr"], a list of'): ["[]", "'en'", "{}"],
    ("languages", "name en once"): ["['en', 'en']"],
    ("offered-portals", "name sesame once"): ["['sesame', 'sesame']"],
    ("[portals.harica] lifetime-days", "write lifetime-days = 395, a number of days"): [
        "0", "'395'", "true", "39.5", "nan"],
    (SITE, "write the name of a picture in static/"): ["'../x.svg'", "'/x.svg'", "'x.js'"],
    (SITE, "there is no file local/static/x.svg"): ["'x.svg'"],
    (COLOUR, 'write colour = "#0b5a7d"'): ["3", "true", "[]"],
    (COLOUR, 'write a colour as # and six digits, as in "#0b5a7d"'): [
        "''", "'navy'", "'0b5a7d'", "'#0b5a7'", "'#0b5a7d80'", "'#0b5a7g'", r'"#0b5a7d\n"',
        "'#000;} body {background: url(x)'", "'rgb(0 0 0)'", "'#٠٠٠'"],
    (f"{COLOUR}-dark", 'write colour-dark = "#7cc4e8"'): ["3"],
    (f"{COLOUR}-dark", "write a colour as # and six digits"): ["' #7cc4e8'"],
    ("require-own-translations", "write require-own-translations = true or"): ["'no'", "1"],
    ("site", "write a table [site]"): ["3", "[]"],
    ("[portals] sesame", "write a table [portals.sesame]"): ["'x'"],
}

# The own file, and how the line starts that is said of it.
CODES = 'write codes of languages, as in languages = ["en", "fr"]'
PORTAL_WITHOUT_PAGE = """
offered-portals = ['x']\nmain-portal = 'x'\n[portals.x]\naddress = 'https://example.org'
en = {name = 'X', help-desk = 'Y'}
"""
NO_KEY = "is no key of this table."
WRONG_TEXTS = [
    ('languages = ["en", "zz"]', f"languages holds 'zz': {CODES}"),
    ('languages = ["en", "english"]', f"languages holds 'english': {CODES}"),
    ('languages = ["en", 3]', "languages holds 3: write languages ="),
    ('languages = ["en", "de"]', "[help-desk.de] name is missing: write name ="),
    (f"languages = {'[' * 90}{']' * 90}", "languages holds [[[[[["),
    ("[site.zz]", f"[site] zz holds 'zz': {CODES}"),
    ('domains = ["Example"]', "domains holds 'Example': write e-mail domains, as in"),
    ("main-portal = 'harika'",
     "main-portal holds 'harika', which is not offered. Did you mean harica?"),
    ("offered-portals = ['x']", "offered-portals holds 'x': Known here: sesame, harica"),
    (PORTAL_WITHOUT_PAGE,
     "offered-portals holds 'x', which has no page: write local/pages/request-x.rst"),
    ("[portals.Sesame]", "[portals] Sesame holds 'Sesame': write small letters and digits"),
    (f"[portals.{'p' * 50}]", f"[portals] {'p' * 50} holds '{'p' * 50}': write small letters"),
    (f"site.logo = '{'x' * 300}.svg'", f"[site] logo holds '{'x' * 78}…: write the name of a pict"),
    (f"vo.name = 0x{'f' * 5000}", "[vo] name holds something much too long: write name ="),
    (f"institute.en.name = 0x{'f' * 5000}", "[institute.en] name holds something much too long"),
    (f"vo.name.{'a.' * 3000}a = 1", "[vo] name holds something much too long: write name ="),
    (r'"a\nb" = 3', rf"'a\nb' {NO_KEY} Known here: languages, "),
    ("words = 3", f"words {NO_KEY} Known here: languages, "),
    ("mian-portal = 'x'", f"mian-portal {NO_KEY} Did you mean main-portal?"),
    ("site.adress = 'x'", f"[site] adress {NO_KEY} Did you mean address?"),
    ("[site.words]", f"[site] words {NO_KEY} Known here: address, errors, logo"),
    ("institute.en.staf = 'x'", f"[institute.en] staf {NO_KEY} Did you mean staff?"),
    ("portals.harica.isuers = []", f"[portals.harica] isuers {NO_KEY} Did you mean issuers?"),
    ("identity.en.organisations.sesam = 'x'",
     "[identity.en.organisations] sesam is no portal. Did you mean sesame?"),
    ("accessibility.criteria-met = 101",
     "[accessibility] criteria-met holds 101: write criteria-met = 62, a number from 0 to 100"),
    ("accessibility.audited-on = '2026-01-31'",
     "[accessibility] audited-on holds '2026-01-31': write audited-on = 2026-01-31, a date"),
    ("[accessibility]",
     "[accessibility.fr] audited-by is missing: write audited-by = \"…\", a text on one line"),
    ("portals.sesame.fr.labels.supprot = 'x'",
     "[portals.sesame.fr.labels] supprot is no label of [portals.sesame.en.labels]. "
     "Did you mean support?"),
]

# Bytes of the own file that are no TOML, and what is said behind its name.
WRONG_BYTES = {
    "Latin-1": ("# x\n# été".encode("latin-1"), ":2: save the file as UTF-8"),
    "UTF-16": ("vo = 1".encode("utf-16"), ":1: save the file as UTF-8"),
    "UTF-16 without a mark": ("vo = 1".encode("utf-16-le"), ": this is no TOML: .*line 1"),
    "binary": (b"\x7fELF\x00\x00\x01", ": this is no TOML: .*line 1"),
    "no value": (b"[site]\n\nlogo = x", ": this is no TOML: .*line 3"),
    "a key twice": (b"[vo]\nname='x'\nname='y'\n", ": this is no TOML: .*line 3"),
    "brackets": (b"vo = " + b"[" * 10**5, ": this is no TOML: too many brackets"),
    "5000 digits": (b"domains = " + b"9" * 5000, ": this is no TOML: "),
}
# fmt: on


def make_guide(folder: Path) -> Path:
    """Make a guide of what settings need, and beside it a site that was published."""
    root = folder / "guide"
    for name in ("source/request-sesame.rst", "source/request-harica.rst", "local/static/logo.svg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "theme" / "static").mkdir(parents=True)
    (root / NAME).write_text(TEXT, encoding="utf-8")
    (folder / "html").mkdir()
    (folder / "html" / "index.html").write_text("<p>Good", encoding="utf-8")
    (folder / "html" / build_site.MARK).touch()
    return root


@pytest.fixture
def root(tmp_path):
    """A guide with an empty overlay."""
    return make_guide(tmp_path)


def contents(folder: Path) -> dict:
    """Return all that a folder holds."""
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def refused(root: Path, local: Path | None = None) -> str:
    """Return what is said of wrong settings, which must leave the site as it was."""
    local, folder = local or root / "local", root.parent
    with pytest.raises(ConfigError) as error:
        Reading(root, local)
    before = contents(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_site, "ROOT", root)
        said = build_site.make_site(folder / "html", folder / "work", local)
    assert said == str(error.value)
    assert "Traceback" not in said
    assert contents(folder) == before
    return said


# -- By hand ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value", "advice"),
    [(place, value, say) for (place, say), values in WRONG_VALUES.items() for value in values],
)
def test_wrong_value_is_said(root, place, value, advice):
    """The message names the file, the key, what was found and what to write."""
    text = re.sub(r"^(\[.+?\]) ", r"\1\n", f"{place} = {value}")
    (root / OWN).write_text(text, encoding="utf-8")
    found = tomllib.loads(f"x = {value}")["x"]
    assert refused(root).startswith(f"{OWN}: {place} holds {found!r}: {advice}")


@pytest.mark.parametrize(("text", "said"), WRONG_TEXTS)
def test_wrong_key_or_sense_is_said(root, text, said):
    """The message names the file, the key and which one was meant."""
    (root / OWN).write_text(text, encoding="utf-8")
    assert f"\n{OWN}: {said}" in f"\n{refused(root)}"


@pytest.mark.parametrize(("data", "said"), WRONG_BYTES.values(), ids=WRONG_BYTES.keys())
def test_file_that_is_no_toml_is_said(root, data, said):
    """The message names the file, and the line where one is to blame."""
    (root / OWN).write_bytes(data)
    assert re.fullmatch(rf".*{OWN}{said}.*", refused(root))


def test_fault_of_upstream_is_said(root):
    """The message names institute.toml, where the overlay does not set the key."""
    reword(root / NAME, 'of = "of the CNRS"\n', "")
    missing = f'{NAME}: [institute.en] of is missing: write of = "…", a text on one line'
    assert refused(root) == missing
    (root / OWN).write_text("domains = 3\n[site.en]\ntitle = ''", encoding="utf-8")
    places = [line.partition(" holds ")[0] for line in refused(root).splitlines()]
    assert places == [f"{OWN}: domains", f"{OWN}: [site.en] title", missing]
    (root / OWN).unlink()
    (root / NAME).write_text(re.sub(r"(?m)^help-title.*\n", "", TEXT, count=1), encoding="utf-8")
    assert refused(root) == (
        f"{NAME}: [identity] en needs both help-title and help-address, or neither"
    )
    (root / NAME).write_bytes(b"")
    said = refused(root)
    for key in ("languages", "offered-portals", "main-portal", "domains", "site", "portals"):
        assert f"{NAME}: {key} is missing: write " in said


def test_what_is_no_file_is_said(root):
    """So are a folder, a dead link or nothing at all in place of a file or of the overlay."""
    (root / OWN).symlink_to("nowhere")
    assert f"{OWN} cannot be read: No such file" in refused(root)
    (root / OWN).unlink()
    (root / OWN).mkdir()
    assert f"{OWN} cannot be read: Is a directory" in refused(root)
    (root / OWN).rename(root / "local" / "page")
    assert refused(root) == "local/page: nothing is read from here. Did you mean pages?"
    assert refused(root, root / "nowhere") == "LOCAL=nowhere: there is no such folder"
    (root / "local" / "page").rmdir()
    (root / NAME).unlink()
    assert f"{NAME} cannot be read: No such file" in refused(root)


@pytest.mark.parametrize("text", [None, "", "# Nothing differs.\n", "\ufeff\n"])
def test_overlay_may_set_nothing(root, text):
    """Without an own file, or with an empty one, the settings are upstream's."""
    if text is not None:
        (root / OWN).write_text(text, encoding="utf-8")
    assert Reading(root, root / "local").values == UPSTREAM


PALE = """
domains = 3
[site]
colour = "#8ab4d8"
colour-dark = "#0b5a7d"
fr.title = ""
"""


def test_pale_colour_is_said_with_what_would_do(root):
    """The contrast is measured, with the rest that is wrong; what is suggested is accepted."""
    (root / OWN).write_text(PALE, encoding="utf-8")
    said = refused(root).splitlines()
    assert [line.partition(" holds ")[0] for line in said if COLOUR not in line] == [
        f"{OWN}: domains",
        f"{OWN}: [site.fr] title",
    ]
    assert [line for line in said if COLOUR in line] == [
        f"{OWN}: [site] colour holds '#8ab4d8': its contrast with the background #f2f5f8 is 1.9 "
        'to 1, and links need 4.5 to 1: write a darker one, such as "#4c7495"',
        f"{OWN}: [site] colour-dark holds '#0b5a7d': its contrast with the background #2d2616 is "
        '1.9 to 1, and links need 4.5 to 1: write a lighter one, such as "#5195bb"',
    ]
    better = re.findall(r'such as ("#\w+")', "\n".join(said))
    own = "[site]\ncolour = {}\ncolour-dark = {}\n".format(*better)
    (root / OWN).write_text(own, encoding="utf-8")
    site = Reading(root, root / "local").settings.site
    assert [f'"{site.colour}"', f'"{site.colour_dark}"'] == better


def test_heavy_logo_is_warned_of(root):
    """A logo of more than 100 kB is accepted, with a warning."""
    (root / OWN).write_text('[site]\nlogo = "logo.svg"\n', encoding="utf-8")
    logo = root / "local/static/logo.svg"
    logo.write_bytes(b" " * 100_000)
    assert Reading(root, root / "local").warnings == []
    logo.write_bytes(b" " * 250_000)
    assert Reading(root, root / "local").warnings == [
        f"{OWN}: [site] logo holds 'logo.svg', which weighs 250 kB, and each reader loads it: "
        "make local/static/logo.svg smaller, 100 kB at most"
    ]


# Keys that share a comment.
GROUPS = [{"at", "by", "from", "of"}, {"help-title", "help-address"}, {"director", "host"}]
GROUPS += [{"people", "name"}, {"address", "name"}]


def test_each_key_is_explained():
    """Each key that may be set is in institute.toml, below a comment."""
    whole = schema.Settings.model_json_schema()
    wanted = {
        (table["title"], key): schema.plainly(whole, value).get("type") == "object"
        for table in (whole, *whole["$defs"].values())
        for key, value in table["properties"].items()
        if key != schema.WORDS
    }
    told, table, before, explained = {}, "Settings", "", False
    for line in TEXT.splitlines():
        if header := re.fullmatch(r"#?\[([\w.-]+)\]", line):
            table = schema.described(tuple(header[1].split(".")))["title"]
        elif line.startswith("# "):
            before, explained = "", True
        elif key := re.match(r"#?([\w-]+) = ", line):
            shared = any({before, key[1]} <= group for group in GROUPS)
            explained = explained and (not before or shared)
            told.setdefault((table, key[1]), explained)
            before = key[1]
    assert [place for place, is_table in wanted.items() if not is_table and place not in told] == []
    assert [place for place in wanted if not told.get(place, True)] == []
    for _, key in (place for place, is_table in wanted.items() if is_table):
        assert re.search(rf"(?m)^#?(\[([\w.]+\.)?{key}[\].]|{key}\.)", TEXT), key


# -- Whose institute it is ----------------------------------------------------------------


def toml(value) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml(key)} = {toml(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def file_text(values: dict) -> str:
    """Return the text of a settings file."""
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in values.items())


def other(value):
    """Return the words and addresses of another institute in the place of upstream's."""
    if isinstance(value, dict):
        return {key: other(each) for key, each in value.items()}
    if not isinstance(value, str) or "example" in value.lower() or value[:1] == "#":
        return value
    if value == "logo.svg":
        return value
    return "https://example.org/" if value.startswith("https:") else "Example University"


OURS = COMPLETE | {key: other(COMPLETE[key]) for key in IDENTITY if key != "main-portal"}


def test_another_institute_is_asked_for_all(root):
    """Whoever names another institute is told each key to fill in, in each language."""
    (root / OWN).write_text('[institute.en]\nname = "Example University"\n', encoding="utf-8")
    asked = {"domains", "authorities", "offered-portals", "main-portal"}
    asked |= {"[help-desk] address", "[owner] contact", "[institute.fr] name"}
    for code in ("en", "fr"):
        asked |= {f"[site.{code}] title", f"[help-desk.{code}] name", f"[owner.{code}] name"}
        asked |= {f"[institute.{code}] {key}" for key in ("at", "by", "from", "of", "staff")}
        asked |= {f"[identity.{code}] {key}" for key in ("name", "organisation", "corrected-by")}
    found = re.findall(rf"(?m)^{OWN}: (.+) is missing: write .+$", message := refused(root))
    assert sorted(found) == sorted(asked)
    assert len(found) == len(message.splitlines())


def test_other_phrases_are_another_institute(root):
    """Phrases with another name are asked for all, unless the name is said to stay."""
    phrases = '[institute.fr]\nat = "à l’institut"\n'
    (root / OWN).write_text(phrases, encoding="utf-8")
    assert f"{OWN}: [help-desk] address is missing" in refused(root)
    (root / OWN).write_text(f'{phrases}name = "CNRS"\n', encoding="utf-8")
    settings = Reading(root, root / "local").settings
    assert settings.institute.words["fr"].at == "à l’institut"
    assert settings.help_desk.address == UPSTREAM["help-desk"]["address"]


def test_another_institute_inherits_no_identity(root):
    """No name, address or contact of upstream's reaches the site of another institute."""
    own = {key: OURS[key] for key in IDENTITY if key not in ("documentation", "vo")}
    (root / OWN).write_text(file_text(own | {"authorities": {}}), encoding="utf-8")
    reading = Reading(root, root / "local")
    found = toml({key: value for key, value in reading.values.items() if key != "portals"})
    upstream = r"CNRS|Janus|Réséda|Creatis|INSA|SESAME|[\w.-]+\.(?:cnrs\.fr|net)"
    assert re.findall(upstream, found) == []
    assert not reading.settings.documentation
    assert not reading.settings.vo
    assert reading.settings.portals["sesame"].words["en"].name == "SESAME"


def test_same_institute_inherits_the_rest(root):
    """An overlay of the same institute changes what it names, and nothing else."""
    own = '[institute.en]\nname = "CNRS"\nstaff = "colleagues"\n'
    (root / OWN).write_text(own, encoding="utf-8")
    expected = copy.deepcopy(UPSTREAM)
    expected["institute"]["en"]["staff"] = "colleagues"
    assert Reading(root, root / "local").values == expected


def test_old_name_of_a_key_is_accepted(root, monkeypatch):
    """A key that was renamed is read, with a warning; one that never was is refused."""
    monkeypatch.setattr(settings, "RENAMED", {"institute.*.personnel": "staff"})
    (root / OWN).write_text('[institute.fr]\npersonnel = "les gens"\n', encoding="utf-8")
    reading = Reading(root, root / "local")
    assert reading.settings.institute.words["fr"].staff == "les gens"
    [warning] = reading.warnings
    assert warning.startswith(f"{OWN}: [institute.fr] personnel is now called staff: rename it.")
    (root / OWN).write_text('[institute.fr]\nstaffs = "les gens"\n', encoding="utf-8")
    assert f"{OWN}: [institute.fr] staffs {NO_KEY} Did you mean staff?" in refused(root)


@pytest.mark.parametrize(
    ("met", "state"), [(0, "none"), (49, "none"), (50, "partial"), (99, "partial"), (100, "full")]
)
def test_share_of_criteria_makes_the_state(met, state):
    """As the law has it: from half of them, the site complies partially; with all, fully."""
    values = copy.deepcopy(COMPLETE)
    values["accessibility"]["criteria-met"] = met
    assert institute.accessibility(schema.Settings.model_validate(values)) == state
    assert institute.accessibility(schema.Settings.model_validate(UPSTREAM)) == "none"


# -- At random ----------------------------------------------------------------------------

MANDATORY = [
    *("domains", "help-desk.address", "owner.contact", "owner.en.name", "vo.name", "site.fr.title"),
    *("institute.en.of", "identity.fr.organisation", "authorities.insa.en.people"),
    *("documentation.address", "documentation.fr.title"),
]
MARKUP = ["<b>", "`x`", "|x|", "**x", "__", "::", "{{", "{%", "\\"]
CONTROL = ["\n", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff"]
some_text = st.text(st.characters(codec="utf-8"), max_size=8)
junk = st.tuples(some_text, st.sampled_from(MARKUP + CONTROL), some_text).map("".join)
date = datetime.date(2024, 2, 29)
anything = st.sampled_from([3, 0.5, True, date, [], {}, {"x": 3}, ""]) | junk
odd_keys = st.sampled_from(
    ["words", "<words>", "[key]", "", "a.b", "en", "Title", "\u202e", "k" * 99]
)


def places(values: dict, above: str = ""):
    """Yield the path of each key with the table that holds it."""
    for key, value in values.items():
        yield f"{above}{key}", values, key
        yield from places(value, f"{above}{key}.") if isinstance(value, dict) else ()


@st.composite
def broken_files(draw) -> tuple[str, bytes]:
    """Return the name of a file of settings, and its bytes: whole ones, broken in some places."""
    file = draw(st.sampled_from([NAME, OWN]))
    values = copy.deepcopy(COMPLETE if file == NAME else OURS)
    for _ in range(draw(st.integers(1, 3))):
        how = draw(st.sampled_from(["replace", "remove", "add"]))
        there = [each for each in places(values) if how != "remove" or each[0] in MANDATORY]
        _, table, key = draw(st.sampled_from(there))
        kind = type(table[key])
        if how == "remove":
            del table[key]
        elif how == "add":
            # Nothing may be set to this.
            table[draw(some_text | odd_keys)] = 0.5
        else:
            wrong = anything.filter(lambda new, kind=kind: type(new) is not kind)
            wrong |= {str: junk, list: st.lists(junk, min_size=1)}.get(kind, wrong)
            table[key] = draw(wrong)
    data = file_text(values).encode()
    if draw(st.integers(0, 7)) == 0:
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.sampled_from([b"\xff", b"\x00", b"\x1b"])) + data[at:]
    return file, data


KEY = r"""(\[.+\] )?([\w-]+|'.*'?|".*"?) (holds |is missing: write |is no |needs )"""
SAID = rf"(local/)?{NAME}(: {KEY}|:\d+: save the file |: this is no TOML: ).+"


@pytest.mark.extended
def test_settings_broken_at_random_are_said(tmp_path):
    """Of 200 files that are broken, each is refused in lines with the file and the key."""
    root, tried = make_guide(tmp_path), set()

    @hypothesis.settings(max_examples=260, deadline=None, derandomize=True, database=None)
    @hypothesis.given(broken_files())
    def judge(broken):
        file, data = broken
        (root / NAME).write_text(TEXT, encoding="utf-8")
        (root / OWN).write_bytes(b"")
        (root / file).write_bytes(data)
        wrong = [line for line in refused(root).split("\n") if not re.fullmatch(SAID, line)]
        assert wrong == []
        tried.add(broken)

    for file, values in ((NAME, COMPLETE), (OWN, OURS)):
        (root / file).write_text(file_text(values), encoding="utf-8")
        assert Reading(root, root / "local").warnings == []
    judge()
    assert len(tried) >= 200


# -- Pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["*x* **y** `z`_ |a| [1]_ <b>", r"back\slash", "a_ b__ ::", "l’été & co", "http://x.org/"],
)
def test_text_is_printed_as_it_is(text):
    """No character of a setting is markup."""
    document = publish_doctree(f"A |word| here.\n\n.. |word| replace:: {institute.plain(text)}\n")
    paragraph = next(iter(document.findall(nodes.paragraph)))
    assert paragraph.astext() == f"A {text} here."
    assert all(isinstance(child, nodes.Text) for child in paragraph.children)


def test_link_leads_where_it_says():
    """A link keeps its text and its address, an underscore at the end included."""
    text, address = "Aide (*en ligne*)", "https://example.org/a_b?c=d&e_"
    document = publish_doctree(f"|x|\n\n.. |x| replace:: {institute.link(text, address)}\n")
    reference = next(iter(document.findall(nodes.reference)))
    assert reference.astext() == text
    assert reference["refuri"] == "https://example.org/a_b?c=d&e%5F"
