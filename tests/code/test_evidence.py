"""The site says what was proved about a command block, and nothing else."""

import json
import pickle
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ConfigError

from copies import copy_repository, reword, run
from evidence import Row, block_hash, labels_hash, line, merge, read

READ = "$ openssl pkcs12 -in file.p12 -info -noout\nEnter Import Password:\n..."
REFUSED = "$ openssl pkcs12 -in old.p12 -info -noout\n...RC2-40-CBC..."
MOVE = "$ mkdir old"
BY_HAND = "$ ssh login.example.org"
LEFT_OUT = "$ rm left-out"
PAGE = "tried"


def row(block: str = READ, version: str = "3.0.22", kind: str = "AES-256", **changed) -> Row:
    """Return a row about a block of the page made for the tests."""
    values = {
        "block": block_hash(block),
        "page": PAGE,
        "command": block.split("\n")[0][2:],
        "program": "OpenSSL",
        "version": version,
        "kind": kind,
        "result": "works",
        "date": "2026-11-26",
    }
    return Row(**values | changed)


# -- The file -----------------------------------------------------------------------------


def test_hash_is_that_of_the_text():
    """Only the newlines at the end of a block do not count."""
    assert block_hash(READ) == block_hash(READ + "\n\n")
    assert block_hash(READ) != block_hash(READ.replace("-info", "-info "))


def test_partial_run_keeps_what_a_fuller_one_has_shown(tmp_path):
    """Rows are added, or replaced by those of the same key; the others stay."""
    file = tmp_path / "build" / "evidence.json"
    old = [row(version="1.1.1w"), row(), row(kind="3DES"), row(MOVE, "5.2", "", program="bash")]
    merge(file, old)
    new = [row(date="2026-12-01"), row(version="4.0.3")]
    merge(file, new)
    assert set(read(file)) == {*old, *new} - {row()}
    assert [path.name for path in file.parent.iterdir()] == ["evidence.json"]


def test_failure_takes_the_claim_back(tmp_path):
    """A later failure replaces a success, and so does one of the same run."""
    file = tmp_path / "evidence.json"
    merge(file, [row(), row(kind="3DES"), row(kind="RC2-40")])
    failed = row(result="fails")
    announced = row(kind="RC2-40", result="fails as announced")
    merge(file, [failed, row(), announced, row(kind="RC2-40")])
    assert set(read(file)) == {failed, row(kind="3DES"), row(kind="RC2-40")}


def test_file_does_not_depend_on_the_order_of_the_run(tmp_path):
    """The same rows give the same bytes, and lines that git can compare."""
    rows = [row(), row(kind="3DES"), row(MOVE, "", "", program="dash")]
    files = [tmp_path / "one.json", tmp_path / "other.json"]
    merge(files[0], rows)
    for each in reversed(rows):
        merge(files[1], [each])
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(files[0].read_text().splitlines()) > 8 * len(rows)


def test_later_file_wins_row_by_row(tmp_path):
    """What was released holds where there is no run of one's own."""
    released, own = tmp_path / "released.json", tmp_path / "own.json"
    merge(released, [row(), row(version="1.1.1w")])
    merge(own, [row(result="fails")])
    expected = {row(result="fails"), row(version="1.1.1w")}
    assert set(read(released, tmp_path / "missing.json", own)) == expected


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "EOF"),
        ('{"rows": [', "EOF"),
        ("\xff\xfe", "expected value"),
        ("[]", "Input should be an object"),
        ("{}", "rows: Field required"),
        (json.dumps({"rows": [row().model_dump() | {"result": "fine"}]}), "rows: 0: result: "),
        (json.dumps({"rows": [row().model_dump() | {"block": "abc"}]}), "rows: 0: block: "),
        (json.dumps({"rows": [row().model_dump() | {"more": "1"}]}), "rows: 0: more: "),
    ],
)
def test_broken_file_is_named(tmp_path, content, why):
    """What is no evidence stops a reader and a run, with what to do; it is left as it is."""
    file = tmp_path / "evidence.json"
    file.write_text(content, encoding="latin-1")
    for use in (read, lambda file: merge(file, [row()])):
        with pytest.raises(ConfigError) as raised:
            use(file)
        message = str(raised.value)
        assert message.startswith(f"{file} is no evidence of a test run: ")
        assert why in message
        assert "Delete it" in message
        assert "make test" in message
    assert file.read_text(encoding="latin-1") == content


# -- The line -----------------------------------------------------------------------------


def test_versions_are_named_in_their_order():
    """As numbers, not as text; a program without a version is named, too."""
    versions = ["3.0.22", "3.0.9", "1.1.1w", "10.0"]
    rows = [row(version=version) for version in versions]
    assert line(rows)["works"] == ("OpenSSL 1.1.1w, 3.0.9, 3.0.22, 10.0", "2026-11-26")
    rows = [row(MOVE, "5.9", "", program="zsh"), row(MOVE, "", "", program="dash")]
    assert line(rows) == {"works": ("dash, zsh 5.9", "2026-11-26"), "has_kinds": False}


def test_version_that_fails_is_not_named():
    """Neither for the kind of file with which it fails, nor for the others."""
    failed = [row(version="3.5.9"), row(version="3.5.9", kind="3DES", result="fails")]
    assert line([row(), *failed])["works"][0] == "OpenSSL 3.0.22"
    assert line(failed) == {}
    assert line([]) == {}


def test_version_that_refuses_a_kind_is_named_apart():
    """It works with some kinds; where it only ever fails, it is not named."""
    refused = row(kind="RC2-40", result="fails as announced")
    said = line([row(version="1.1.1w"), row(version="1.1.1w", kind="RC2-40"), row(), refused])
    assert said["works"][0] == "OpenSSL 1.1.1w"
    assert said["mixed"][0] == "OpenSSL 3.0.22"
    assert line([row(version="1.1.1w"), refused]).keys() == {"works", "has_kinds"}


def test_days_are_those_of_the_runs():
    """A claim of two days names both."""
    rows = [row(), row(version="4.0.3", date="2026-11-20")]
    assert line(rows)["works"][1] == "2026-11-20 – 2026-11-26"


# -- The site -----------------------------------------------------------------------------

SHOWN = [
    row(version="1.1.1w"),
    row(),
    row(version="3.0.9", kind="3DES"),
    row(kind="RC2-40", result="fails as announced"),
    row(REFUSED, kind="RC2-40", result="fails as announced"),
    row(MOVE, "5.2.15", "", program="bash"),
]
# What stands on no page, was not tried, or is left out of this build.
NOT_SHOWN = [row("$ echo elsewhere"), row(BY_HAND), row(LEFT_OUT)]


def as_block(text: str, *options: str) -> str:
    """Return a block as it stands in the source of a page."""
    lines = [".. code-block:: console", *(f"   {option}" for option in options), ""]
    return "\n".join([*lines, *(f"   {each}" for each in text.split("\n")), "", ""])


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A copy of the repository without evidence, with a page for these tests; built once."""
    root = copy_repository(tmp_path_factory.mktemp("evidence") / "guide")
    (root / "evidence.json").unlink(missing_ok=True)
    page = root / "local" / "pages" / f"{PAGE}.rst"
    page.parent.mkdir(exist_ok=True)
    hidden = "\n".join(f"   {each}" for each in as_block(LEFT_OUT).split("\n"))
    text = ["Tried\n=====\n\n", as_block(READ), as_block(REFUSED, ":class: error-rc2-40")]
    text += [as_block(MOVE), as_block(BY_HAND, ":class: not-tried"), ".. only:: nobody\n\n", hidden]
    page.write_text("".join(text))
    build(root, root / "built")
    return root


@pytest.fixture
def out(root, tmp_path) -> Path:
    """A copy of what was built without evidence."""
    return Path(shutil.copytree(root / "built", tmp_path / "out"))


@pytest.fixture(scope="module")
def shown(root, tmp_path_factory) -> Path:
    """What was built without evidence, then again with some."""
    folder = tmp_path_factory.mktemp("shown")
    out = Path(shutil.copytree(root / "built", folder / "out"))
    build(root, out, using(folder, *SHOWN, *NOT_SHOWN))
    return out


def build(root: Path, out: Path, *options: str) -> None:
    """Build a copy with plain Sphinx, again if it was built before."""
    command = ["sphinx", "-q", "-n", "-W", "--keep-going", "-c", ".", *options, "source", out]
    done = run(root, "-m", *command)
    assert done.returncode == 0, done.stderr


def using(tmp_path: Path, *rows: Row) -> str:
    """Return the option of Sphinx that takes rows for the evidence."""
    merge(tmp_path / "evidence.json", rows)
    return f"-Devidence_files={tmp_path / 'evidence.json'}"


def page(out: Path, name: str) -> BeautifulSoup:
    """Return a built page."""
    text = (out / f"{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def lines(out: Path) -> list[tuple[str, str]]:
    """Return each first command of the page that has a line, with the line."""
    found = []
    for each in page(out, PAGE).find_all("p", class_="evidence"):
        block = each.find_previous_sibling()
        assert block.name == "div"
        assert "highlight-console" in block["class"]
        found.append((block.get_text().split("\n")[0], " ".join(each.get_text().split())))
    return found


def written(out: Path) -> dict[str, int]:
    """Return when each page and each doctree was written, in nanoseconds.

    The search and the sitemap are made of all pages, and written each time.
    """
    paths = [*out.glob("*.html"), *out.glob(".doctrees/*.doctree")]
    return {
        path.name: path.stat().st_mtime_ns
        for path in paths
        if path.name not in ("search.html", "sitemap.html")
    }


def test_no_evidence_no_claim(root):
    """Without evidence, no page has a line, and the page about it says so."""
    out = root / "built"
    for path in out.glob("*.html"):
        assert not page(out, path.stem).find_all("p", class_="evidence")
    text = page(out, "results").main.get_text()
    assert "This copy of the guide was built without evidence: nothing is claimed." in text
    assert not page(out, "results").find("table")
    text = page(out, "use-certificate").main.get_text()
    assert "were not run for this copy of the guide: nothing is claimed." in text


def test_blocks_and_table_show_the_evidence(shown):
    """Each block that was run has its line; the table has a row for each kind of file."""
    day = "26 November 2026"
    assert lines(shown) == [
        (
            READ.split("\n")[0],
            f"Run as printed on {day} with OpenSSL 1.1.1w, 3.0.9. "
            f"Run as printed on {day} with OpenSSL 3.0.22 on some kinds of files; "
            "the others fail as announced. With which kinds?",
        ),
        (REFUSED.split("\n")[0], f"Seen on {day} with OpenSSL 3.0.22."),
        (MOVE, f"Run as printed on {day} with bash 5.2.15."),
    ]
    whose = "The commands of this page were run on files made for the test"
    assert whose in page(shown, PAGE).select_one(".about-page").get_text()
    assert whose not in page(shown, "results").get_text()
    checked = page(shown, "results")
    table, others = checked.find_all("table")
    no = "– not run"
    assert cells(table) == [
        ["File made for the test", "OpenSSL"],
        ["1.1.1w", "3.0.9", "3.0.22"],
        [f"{READ.splitlines()[0][2:]} 2026-11-26"],
        ["3DES", no, "✓ works", no],
        ["AES-256", "✓ works", no, "✓ works"],
        ["RC2-40", no, no, "✗ fails as announced"],
        [f"{REFUSED.splitlines()[0][2:]} 2026-11-26"],
        ["RC2-40", no, no, "✗ fails as announced"],
    ]
    assert others.tbody.get_text(" ", strip=True) == "mkdir old ✓ works bash 5.2.15 2026-11-26"
    assert table.caption.a["href"] == f"{PAGE}.html"


def test_tables_can_be_read_aloud(shown):
    """Each has a caption and can be scrolled by keyboard; each header says what it heads."""
    checked = page(shown, "results")
    scopes = {"col", "row", "colgroup", "rowgroup"}
    for table in checked.find_all("table"):
        assert table.caption.get_text(strip=True)
        assert {header.get("scope") for header in table.find_all("th")} <= scopes
        assert table.parent["tabindex"] == "0"
        assert table.parent["role"] == "region"
        assert checked.find(id=table.parent["aria-labelledby"]) is table.caption
        for sign in table.find_all(attrs={"aria-hidden": True}):
            assert sign.find_next_sibling(class_="spoken").get_text()
        width = sum(int(cell.get("colspan", 1)) for cell in table.tr.find_all(["th", "td"]))
        for each in table.tbody.find_all("tr"):
            cells = each.find_all(["th", "td"])
            assert sum(int(cell.get("colspan", 1)) for cell in cells) == width


@pytest.mark.extended
def test_pages_are_written_again_when_their_evidence_changes(root, shown, tmp_path):
    """Those pages, and none is read again. Without a change, none is written."""
    before, first = written(root / "built"), written(shown)
    changed = {name for name in first if first[name] != before[name]}
    # Sphinx also writes the pages whose menus hold a page that is written.
    menus = {"index.html", "how-checked.html"}
    assert changed == {f"{PAGE}.html", "results.html"} | menus
    out = Path(shutil.copytree(shown, tmp_path / "out"))
    build(root, out, using(tmp_path, *SHOWN))
    assert written(out) == first
    failed = row(MOVE, "5.2.15", "", program="bash", result="fails")
    build(root, out, using(tmp_path, failed))
    second = written(out)
    assert {name for name in second if second[name] != first[name]} == changed
    assert MOVE not in dict(lines(out))
    assert "! fails bash 5.2.15" in page(out, "results").main.get_text(" ", strip=True)


def test_changed_block_loses_its_claim(out, root, tmp_path):
    """Evidence about a block does not hold for what it has become; others keep theirs."""
    source = root / "local" / "pages" / f"{PAGE}.rst"
    reword(source, "Enter Import Password:", "Enter Password:")
    try:
        build(root, out, using(tmp_path, *SHOWN))
    finally:
        reword(source, "Enter Password:", "Enter Import Password:")
    assert [command for command, _ in lines(out)] == [REFUSED.split("\n")[0], MOVE]
    assert "AES-256" not in page(out, "results").table.get_text()


def test_own_runs_win_over_released_ones(out, root):
    """The file beside conf.py is shown where build/evidence.json says nothing else."""
    files = [root / "evidence.json", root / "build" / "evidence.json"]
    merge(files[0], [row(version="1.1.1w"), row(version="3.5.9")])
    merge(files[1], [row(), row(version="3.5.9", result="fails")])
    try:
        build(root, out)
    finally:
        for file in files:
            file.unlink()
    [(_, text)] = lines(out)
    assert text.startswith("Run as printed on 26 November 2026 with OpenSSL 1.1.1w, 3.0.22.")


@pytest.mark.extended
def test_french_site_shows_the_same_evidence(root, tmp_path):
    """It holds in each language, and what has no translation says that it is English."""
    build(root, tmp_path / "fr", "-Dlanguage=fr", using(tmp_path, *SHOWN), "-j2")
    assert [command for command, _ in lines(tmp_path / "fr")] == [
        block.split("\n")[0] for block in (READ, REFUSED, MOVE)
    ]
    for each in page(tmp_path / "fr", PAGE).find_all("p", class_="evidence"):
        assert "(26\u00a0novembre 2026)" in each.get_text()
        for english in each.find_all(string=lambda text: "Run as printed" in text):
            assert english.parent.get("lang") == "en"
    assert len(page(tmp_path / "fr", "results").find_all("table")) == 2


def test_broken_evidence_stops_the_build_plainly(root, tmp_path):
    """The message is the whole of what is said."""
    (tmp_path / "evidence.json").write_text("{}")
    options = ["-Devidence_files=" + str(tmp_path / "evidence.json"), "source", tmp_path]
    done = run(root, "-m", "sphinx", "-q", "-W", "-c", ".", *options)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{tmp_path}/evidence.json is no evidence of a test run: ")
    assert "Traceback" not in done.stderr


# -- Without a block ----------------------------------------------------------------------


def did(task: str, program: str, result: str = "works", **changed) -> Row:
    """Return a row about what a program did without a block."""
    values = {"page": "", "command": "", "version": "1.0", "kind": "", "date": "2026-11-26"}
    return Row(task=task, program=program, result=result, **(values | changed))


DONE = [
    did("read", "NSS", kind="RC2-40"),
    did("read", "NSS", kind="AES-256"),
    did("read", "NSS", kind="3DES", version="0.9", date="2026-11-25"),
    did("read", "Java", "fails", kind="accents"),
    did("mode", "arcproxy", page="use-certificate", command="userkey.pem", kind="440"),
    did("mode", "xrdcp", "fails", page="use-certificate", command="userkey.pem", kind="440"),
    did("mode", "xrdcp", page="use-certificate", command="userkey.pem", kind="400"),
    did("mode", "arcproxy", page="use-certificate", command="usercert.pem", kind="644"),
    did("done", "Firefox", command="import-dialog", kind="en"),
    did("done", "Firefox", command="import-dialog", kind="fr"),
    did("label", "Firefox", page="left-out-page", kind="en"),
]
KINDS_OF_FILES = {
    "AES-256": "AES-256",
    "3DES": "3DES",
    "RC2-40": "RC2-40",
    "PBMAC1": "PBMAC1",
    "no MAC": "no MAC",
    "no localKeyID": "no localKeyID",
    "P-256": "key on the curve P-256",
    "accents": "password with accents",
    "empty password": "no password",
    "e-mail": "for e-mail",
}
DEEDS = {
    "import-dialog": "Imports the file through its own windows, along the labels that the page "
    "quotes",
    "myproxy": "Keeps a proxy on a MyProxy server, and fetches it",
    "sign-email": "Takes a certificate for e-mail to sign e-mail, and refuses the grid’s for that",
    "vo-attributes": "Gets the attributes of a virtual organisation",
    "web-login": "Shows the imported certificate to a website",
}


def cells(table) -> list[list[str]]:
    """Return the text of each cell of a table, row by row."""
    return [
        [cell.get_text(" ", strip=True) for cell in each.find_all(["th", "td"])]
        for each in table.find_all("tr")
    ]


def test_tables_show_what_programs_did(root, out, tmp_path):
    """A table for each task, on the page that asks for it; a page that is left out has none."""
    quoted = labels_hash(pickle.loads((out / ".doctrees/import-certificate.doctree").read_bytes()))
    where = {"page": "import-certificate", "kind": "en"}
    labels = [
        did("label", "Firefox", block=quoted, **where),
        did("label", "Chromium", "fails", block=quoted, **where),
        # The page quoted something else then.
        did("label", "Thunderbird", block=block_hash("other labels"), **where),
        did("done", "Thunderbird", command="import-dialog", block=block_hash("others"), **where),
    ]
    build(root, out, using(tmp_path, *DONE, *labels))
    read, done, label = page(out, "results").find_all("table")
    assert cells(read) == [
        ["Program", "AES-256", "RC2-40", "password with accents", "Tried on"],
        ["Java 1.0", "– not tried", "– not tried", "✗ refused", "2026-11-26"],
        ["NSS 1.0", "✓ accepted", "✓ accepted", "– not tried", "2026-11-26"],
    ]
    [[_, _], [what, who]] = cells(done)
    assert what.startswith("Imports the file through its own windows")
    assert who == "✓ works Firefox 1.0 (en, fr) 2026-11-26"
    [[_, _], [where, who]] = cells(label)
    assert where == "Import the certificate into a browser"
    assert label.tbody.a["href"] == "import-certificate.html"
    assert who == "! fails Chromium 1.0 (en) 2026-11-26 ✓ works Firefox 1.0 (en) 2026-11-26"
    [mode] = page(out, "use-certificate").find_all("table")
    assert cells(mode) == [
        ["Mode", "arcproxy 1.0", "xrdcp 1.0"],
        ["userkey.pem"],
        ["400", "– not tried", "✓ accepted"],
        ["440", "✓ accepted", "✗ refused"],
        ["usercert.pem"],
        ["644", "✓ accepted", "– not tried"],
    ]
    test_tables_can_be_read_aloud(out)


@pytest.mark.extended
def test_each_kind_and_each_deed_has_its_name(root, out, tmp_path):
    """The heading of a column is that of its kind, the words of a row those of what was done."""
    rows = [did("read", "NSS", kind=kind) for kind in KINDS_OF_FILES]
    rows += [did("done", "Firefox", command=deed) for deed in DEEDS]
    build(root, out, using(tmp_path, *rows))
    read, done = page(out, "results").find_all("table")
    assert cells(read)[0] == ["Program", *KINDS_OF_FILES.values(), "Tried on"]
    assert [what for what, _ in cells(done)[1:]] == list(DEEDS.values())


def test_newer_version_replaces_what_an_older_one_did(tmp_path):
    """Without a block, only the newest run counts; other kinds and programs stay."""
    file = tmp_path / "evidence.json"
    merge(file, DONE)
    newer = did("read", "NSS", "fails", kind="RC2-40", version="2.0", date="2027-01-01")
    merge(file, [newer])
    assert set(read(file)) == {newer, *DONE[1:]}


@pytest.mark.extended
def test_unknown_task_stops_the_build(root, tmp_path):
    """The message names the task, and those there are."""
    source = root / "local" / "pages" / f"{PAGE}.rst"
    text = source.read_text()
    source.write_text(text + "\n.. evidence:: opening\n")
    try:
        options = ["-q", "-W", "-c", ".", "-b", "pseudoxml", "source", tmp_path]
        done = run(root, "-m", "sphinx", *options)
    finally:
        source.write_text(text)
    assert done.returncode == 1
    assert "“opening” is none of read, mode, done, label: write one, or nothing" in done.stderr
