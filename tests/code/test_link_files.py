"""What make links writes is whole, and can be used: the record, what was seen, the patch."""

import datetime
import subprocess
import tomllib
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

from adding import add
from checking import Link
from copies import ROOT
from moving import own_files, patch
from record import Known, Seen, SeenLinks, read_known, read_record, read_seen, write_seen
from summary import advice, markdown

DAY = datetime.date(2026, 11, 26)
SAME = "https://example.org/a"


def seen(state: str, day: int, **more) -> Seen:
    """Return what was seen on a day of November."""
    return Seen(state=state, answer="200 OK", date=DAY.replace(day=day), **more)


def test_what_was_seen_is_kept(tmp_path):
    """What is written is read again, day for day."""
    kept = SeenLinks(checked=DAY, links={SAME: seen("dead", 26, failed=[DAY], gone=2)})
    write_seen(tmp_path / "build/seen.json", kept)
    assert read_seen(tmp_path / "build/seen.json") == kept
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["seen.json"]


def test_later_sight_counts(tmp_path):
    """Of a release and of one's own runs, what was seen last counts, link by link."""
    write_seen(
        tmp_path / "released",
        SeenLinks(checked=DAY, links={SAME: seen("dead", 20), "https://b": seen("alive", 26)}),
    )
    write_seen(
        tmp_path / "own",
        SeenLinks(links={SAME: seen("alive", 21), "https://b": seen("moved", 1)}),
    )
    both = read_seen(tmp_path / "released", tmp_path / "own", tmp_path / "missing")
    assert [both.links[one].state for one in (SAME, "https://b")] == ["alive", "alive"]
    assert both.checked == DAY


@pytest.mark.parametrize(
    "text", ["", "{", '{"links": []}', '{"links": {"https://a": {"state": "fine"}}}']
)
def test_broken_file_of_what_was_seen_is_named(tmp_path, text):
    """What is no such file is named, with what to do."""
    path = tmp_path / "links-seen.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"links-seen\.json is no file of make links: "):
        read_seen(path)


def test_all_faults_of_a_record_are_named(tmp_path):
    """All faults are named at once, each with its address, its key and what to write."""
    path = tmp_path / "links.toml"
    path.write_text(
        'what = "no table"\n["https://a.org/"]\nwhat = "A"\nlangage = "fr"\nlanguage = "xx"\n'
        '["https://b.org/"]\nlanguage = ["en", 3]\narchived = "http://old.org/"\ntitle = 7\n'
    )
    with pytest.raises(ConfigError) as caught:
        read_known(path, "local/links.toml")
    said = str(caught.value).splitlines()
    for start, wanted in (
        ("what is no address", '["https://…"]'),
        ('["https://a.org/"]: langage is no key', "Did you mean language?"),
        ("[\"https://a.org/\"]: language holds 'xx'", 'language = "fr"'),
        ('["https://b.org/"]: what is missing', 'what = "'),
        ('["https://b.org/"]: language holds 3', 'language = "fr"'),
        ("[\"https://b.org/\"]: archived holds 'http://old.org/'", "https://"),
        ('["https://b.org/"]: title holds 7', 'title = "…"'),
    ):
        assert any(
            line.startswith(f"local/links.toml: {start}") and wanted in line for line in said
        ), start
    assert len(said) == 7


def test_overlay_says_what_differs(tmp_path):
    """What upstream knows of an address stays, but for the keys that the overlay has."""
    (tmp_path / "local").mkdir()
    table = f'["{SAME}"]\n'
    (tmp_path / "links.toml").write_text(f'{table}what = "A"\nlanguage = "fr"\ntitle = "B"\n')
    (tmp_path / "local/links.toml").write_text(f'{table}dead = "since 2025"\ntitle = "C"\n')
    [known] = read_record(tmp_path, tmp_path / "local").values()
    assert known == Known(what="A", language="fr", title="C", dead="since 2025")


# -- The record ---------------------------------------------------------------------------


def test_comment_stays_with_its_address(tmp_path, link):
    """What is added comes before the comment of what follows it."""
    path = tmp_path / "links.toml"
    later = '# Asked every autumn.\n["https://z.org/"]\nwhat = "Z"\nlanguage = "en"\n'
    path.write_text(f"# The record.\n\n{later}")
    add(path, [link("https://a.org/", "A")])
    added = '["https://a.org/"]\nwhat = "A"\nlanguage = []\n'
    assert path.read_text() == f"# The record.\n\n{added}\n{later}"


@pytest.fixture
def link():
    """Return how to make a link."""
    return lambda address, text="The “text” of \\ it": Link(address, text, True, ["index"])


def test_addresses_are_added_in_order(tmp_path, link):
    """New addresses come among the others; what stands there stays, comments too."""
    path = tmp_path / "links.toml"
    old = (ROOT / "links.toml").read_text(encoding="utf-8")
    path.write_text(old, encoding="utf-8")
    new = ["https://a.example.org/", "https://k.example.org/", "https://zz.example.org/"]
    add(path, [link(address) for address in new])
    text = path.read_text(encoding="utf-8")
    found, known = tomllib.loads(text), tomllib.loads(old)
    assert {name: found[name] for name in known} == known
    assert list(found) == sorted([*known, *new])
    assert found[new[0]] == {"what": "The “text” of \\ it", "language": []}
    assert set(old.splitlines()) <= set(text.splitlines())
    assert text.endswith("language = []\n")
    assert "\n\n\n" not in text


def test_record_begins_with_the_first_address(tmp_path, link):
    """An overlay without a record gets one."""
    add(tmp_path / "links.toml", [link("https://b.org/"), link("https://a.org/")])
    assert (tmp_path / "links.toml").read_text().startswith('["https://a.org/"]\nwhat = ')


def test_broken_record_is_left_alone(tmp_path, link):
    """What is no TOML stays as it is."""
    path = tmp_path / "links.toml"
    path.write_text('["https://a.org/"\n')
    with pytest.raises(ValueError, match="line 1"):
        add(path, [link("https://b.org/")])
    assert path.read_text() == '["https://a.org/"\n'


# -- The patch ----------------------------------------------------------------------------

FILES = {
    "source/one.rst": "See `it <https://old.org/a>`__, https://old.org/a. Not https://old.org/ab\n"
    "or https://old.org/a/b, https://old.org/a#c, https://old.org/a.html, https://old.org/a?b=c.\n",
    "locale/fr/LC_MESSAGES/one.po": 'msgid "See `it <https://old.org/a>`__"\n'
    'msgstr "Voir `cela <https://old.org/a>`__\\u00a0; (https://old.org/a)"',
    "links.toml": '["https://old.org/a"]\nwhat = "A"\n\n["https://old.org/b"]\nwhat = "B"\n',
    "local/pages/own.rst": "`it <https://old.org/a>`__\n",
}


@pytest.fixture
def files(tmp_path) -> Path:
    """Return a folder under git with pages, catalogues and a record."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize("is_fork", [False, True])
def test_patch_writes_the_new_address(files, is_fork):
    """Git applies it: whole addresses only, in the files that belong to who runs it."""
    moved = {"https://old.org/a": "https://new.org/a/%28x%29"}
    changes = patch(files, own_files(files, files / "local", is_fork), moved)
    subprocess.run(["git", "apply", "-"], cwd=files, input=changes.encode(), check=True)
    there = {name: (files / name).read_text(encoding="utf-8") for name in FILES}
    if is_fork:
        own = "local/pages/own.rst"
        assert there == FILES | {own: "`it <https://new.org/a/%28x%29>`__\n"}
        return
    assert there["source/one.rst"].splitlines() == [
        "See `it <https://new.org/a/%28x%29>`__, https://new.org/a/%28x%29. Not https://old.org/ab",
        "or https://old.org/a/b, https://old.org/a#c, https://old.org/a.html, "
        "https://old.org/a?b=c.",
    ]
    assert there["locale/fr/LC_MESSAGES/one.po"].count("https://new.org/a/%28x%29") == 3
    assert '["https://new.org/a/%28x%29"]\nwhat = "A"\n' in there["links.toml"]
    assert there["local/pages/own.rst"] == FILES["local/pages/own.rst"]


def test_patch_makes_no_address_stand_twice(files):
    """A record that has the new address already stays TOML."""
    moved = {"https://old.org/a": "https://old.org/b"}
    changes = patch(files, own_files(files, files / "local", False), moved)
    subprocess.run(["git", "apply", "-"], cwd=files, input=changes.encode(), check=True)
    assert tomllib.loads((files / "links.toml").read_text())
    assert "<https://old.org/b>" in (files / "source/one.rst").read_text()


# -- The advice ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "is_own", "told", "untold"),
    [
        ("dead", True, "link another page", "upstream"),
        ("dead", False, "only pages of upstream link it", "link another page"),
        ("moved", True, "git apply build/links.patch", "upstream"),
        ("moved", False, "only pages of upstream link it", "git apply"),
        ("walled", True, "open it", "upstream"),
    ],
)
def test_fork_is_told_what_it_can_do(state, is_own, told, untold):
    """A fork changes no page of upstream; in its record, it may say what it knows."""
    found = Seen(state=state, answer="404", date=DAY, to="https://example.org/b")
    said = advice(Link(SAME, "A", is_own, ["index"]), found, None, "local/links.toml")
    assert told in said
    assert untold not in said
    assert f'in local/links.toml, ["{SAME}"]' in said


def test_foreign_text_is_no_markdown():
    """What a server sends mentions nobody, shows no picture and links nothing in the issue."""
    evil = Seen(state="walled", answer="says ` @all ![x](https://evil.example/x.png)", date=DAY)
    text = markdown([(Link(SAME, "A", True, ["index"]), evil, None)], DAY, "links.toml")
    assert text.startswith("<!-- links: 1 -->\n")
    assert "  - it `says ' @all ![x](https://evil.example/x.png)`\n" in text


def test_revived_link_is_told():
    """What people call dead and answers again is listed, as it is counted."""
    known = Known(what="A", language="en", dead="since 2025")
    text = markdown([(Link(SAME, "A", True, ["index"]), seen("alive", 26), known)], DAY, "x.toml")
    assert text.startswith("<!-- links: 1 -->\n")
    assert "take dead = “since 2025” out of x.toml" in text
