"""The words of the pages: spelling, terms, quotes, headings, and whose names they hold."""

import copy
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from docutils import nodes

import institute
from guide import Guide, prose, running_text
from results import Result, gathered, judged_by
from test_catalogues import entries
from test_typography import bare

WORDS = Path(__file__).parent / "words"
# hunspell's name of each dictionary, and the Debian package that holds it.
DICTIONARIES = {"en": ("en_GB", "hunspell-en-gb"), "fr": ("fr", "hunspell-fr")}
# English words that no French text holds.
ENGLISH = r"(?i)\b(the|and|with|your|you|this|that|from|is|for|to|of|next|previous)\b"
# « vous vous », « nous nous » are French.
DOUBLED = r"(?i)\b(?!(?:vous|nous)\b)([^\W\d_]+) \1\b"
PAIRS = (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]"))
ADORNMENT = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}")
# A doubled sign: a line above as well.
LEVELS = ["==", "=", "-", "~"]


def everywhere(judge):
    """Return a check that judges each page in each language."""

    def check(guide: Guide):
        for language in guide.languages:
            for page in guide.pages:
                yield from judge(guide, page, language)

    return check


# -- Spelling -----------------------------------------------------------------------------


@everywhere
def spelling(guide: Guide, page: str, language: str):
    """Yield each word of a page that hunspell does not know."""
    name, package = DICTIONARIES.get(language, (language, f"hunspell-{language}"))
    thing = f"spelling [{language}]"
    text = "\n".join(guide.paragraphs(page, language))
    try:
        unknown = hunspell(name, text)
    except FileNotFoundError:
        lacks = f"install the Debian packages hunspell and {package}"
        yield Result(f"{page}.rst: {thing}", lacks=lacks)
        return
    known = {
        word.strip()
        for path in guide.words(language)
        for word in path.read_text(encoding="utf-8").splitlines()
    }
    findings = [
        (
            word,
            f"{guide.where(page, language, word)}: “{word}” is no word of {name}. Correct it, or "
            f"add it to tests/guide/words/{language}.txt (in a fork: local/words/{language}.txt)",
        )
        for word in dict.fromkeys(unknown)
        if word not in known
    ]
    yield from gathered(f"{page}.rst", thing, findings)


def hunspell(dictionary: str, text: str) -> list[str]:
    """Return the words that a dictionary does not hold.

    Raises:
        FileNotFoundError: hunspell or the dictionary is not installed.
    """
    program = shutil.which("hunspell")
    if not program:
        raise FileNotFoundError("hunspell")
    # The English dictionary knows the apostrophe of a typewriter only.
    text = text.replace("’", "'")
    command = [program, "-l", "-i", "utf-8", "-d", dictionary]
    run = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8")
    if run.returncode or "Can't open" in run.stderr:
        raise FileNotFoundError(dictionary)
    return [word.rstrip(".") for word in run.stdout.split()]


# -- Words --------------------------------------------------------------------------------


@everywhere
def terms(guide: Guide, page: str, language: str):
    """Yield each word that the guide does not use, with the one it does."""
    unwanted = tomllib.loads((WORDS / "terms.toml").read_text(encoding="utf-8")).get(language, {})
    findings = [
        (
            found[0],
            f"{guide.where(page, language, found[0])}: instead of “{found[0]}”, write {term}",
        )
        for text in guide.paragraphs(page, language)
        for pattern, term in unwanted.items()
        for found in re.finditer(pattern, text)
    ]
    yield from gathered(f"{page}.rst", f"terms [{language}]", findings)


@everywhere
def doubled(guide: Guide, page: str, language: str):
    """Yield each word that stands twice."""
    findings = [
        (found[0], f"{guide.where(page, language, found[1])}: “{found[0]}”: delete one")
        for text in guide.paragraphs(page, language)
        for found in re.finditer(DOUBLED, text)
    ]
    yield from gathered(f"{page}.rst", f"doubled words [{language}]", findings)


@everywhere
def quotes(guide: Guide, page: str, language: str):
    """Yield each paragraph in which a quote or bracket is not closed."""
    findings = []
    for text in guide.paragraphs(page, language):
        start = text[:40]
        where = guide.where(page, language, " ".join(text.split()[:3]))
        for opening, closing in PAIRS:
            if text.count(opening) != text.count(closing):
                problem = f"{where}: {opening} and {closing} do not pair in “{start}…”"
                findings.append((start, f"{problem}: add the missing one"))
        if text.count('"') % 2:
            findings.append((start, f'{where}: " does not pair in “{start}…”: write “ and ”'))
    yield from gathered(f"{page}.rst", f"quotes [{language}]", findings)


def english_left(guide: Guide):
    """Yield the English that is left on the French pages, and in the frame around them."""
    if "fr" not in guide.languages:
        return
    frame = copy.copy(guide.html("index", "fr").html)
    frame.main.decompose()
    yield from gathered("menus", "English left [fr]", english(guide, "sphinx", frame))
    for page in guide.pages:
        findings = english(guide, page, guide.html(page, "fr").main)
        yield from gathered(f"{page}.rst", "English left [fr]", findings)
    accepted = {word for path in guide.words("fr") for word in path.read_text().split()}
    for language, name, where, entry in entries(guide):
        words = re.findall(r"[^\W\d_]+", bare(entry.msgid))
        if language == "fr" and entry.msgstr == entry.msgid and set(words) - accepted:
            yield Result(f"{name}: English left", f"{where}: this is still English: translate it")


def english(guide: Guide, page: str, html) -> list[tuple[str, str]]:
    """Return the English words in a piece of a French page, but for code and quotations."""
    tags = html.find_all(["a", "main", "nav", "img"])
    texts = [tag[name] for tag in tags for name in ("aria-label", "title", "alt") if tag.get(name)]
    texts += [
        text
        for text in html.find_all(string=True)
        if not text.find_parent(["pre", "code", "style", "script"])
        and text.find_parent(lang=True)["lang"] == "fr"
    ]
    return [
        (
            found[0],
            f"{guide.where(page, 'fr', found[0])}: “{' '.join(text.split())[:60]}” holds English: "
            "translate it",
        )
        for text in texts
        for found in re.finditer(ENGLISH, text)
    ]


def names(guide: Guide):
    """Yield each name, address, label or contact of an institute that a page spells out."""
    words = {}
    for language in guide.languages:
        for name, markup in institute.substitutions(guide.settings, language).items():
            for text in plain_texts(markup):
                words.setdefault(text, name)
    for page in guide.pages:
        text = " ".join(
            re.sub(r"\|[^|\s][^|]*\||(?<=<)[^>]*(?=>`(?!_))", "", line)
            for line in guide.source(page)
        )
        findings = [
            (
                found[0],
                f"{guide.where(page, 'en', found[0])}: instead of “{found[0]}”, write |{name}|: "
                "it comes from the settings of the institute",
            )
            for word, name in words.items()
            for found in re.finditer(rf"(?i)(?<![\w/-]){re.escape(word)}(?!\w)", text)
        ]
        yield from gathered(f"{page}.rst", "names of the institute", findings)


def plain_texts(markup: str) -> list[str]:
    """Return what a substitution prints and the address it links.

    A label of one word is left out: “Support” is a word like any other.
    """
    label = re.fullmatch(r":guilabel:`(.*)`", markup)
    link = re.fullmatch(r"`(.*) <(.*)>`__", markup)
    texts = [link[1], link[2]] if link else [label[1]] if label else [markup]
    texts = [re.sub(r"\\(.)", r"\1", text) for text in texts]
    return [text for text in texts if not label or " " in text]


# -- Form ---------------------------------------------------------------------------------


def form(guide: Guide):
    """Yield what is wrong with the markup of each page."""
    for page in guide.pages:
        for thing, judge in (
            ("headings", headings),
            ("pictures", pictures),
            ("raw markup", raw),
            ("admonitions", bold_admonitions),
        ):
            yield from gathered(f"{page}.rst", thing, list(judge(guide, page)))


def headings(guide: Guide, page: str):
    """Yield each heading whose level is out of order or whose line is not the usual one."""
    lines = ["", *guide.source(page), ""]
    level = -1
    for number, (above, line, below) in enumerate(
        zip(lines, lines[1:], lines[2:], strict=False), 1
    ):
        if not line.strip() or line[0] == " " or ADORNMENT.fullmatch(line):
            continue
        if not ADORNMENT.fullmatch(below):
            continue
        here = f"source/{page}.rst:{number}"
        found = below[0] * (2 if ADORNMENT.fullmatch(above) else 1)
        new = LEVELS.index(found) if found in LEVELS else None
        if new is None:
            yield line, f"{here}: underline this heading with = or, one level down, with - or ~"
        elif level == -1 and new:
            yield line, f"{here}: the title of a page has a line of = above and below it"
        elif level != -1 and not new:
            yield line, f"{here}: a page has one title. Drop the line above this heading"
        elif new > level + 1:
            yield line, f"{here}: this heading skips a level. Underline it with {LEVELS[level + 1]}"
        level = level if new is None else new


def pictures(guide: Guide, page: str):
    """Yield each picture without a text that says what it shows."""
    for image in guide.doctree(page, "en").findall(nodes.image):
        if not image.get("alt"):
            here = f"source/{page}.rst:{image.line or 1}"
            yield image["uri"], f"{here}: say what {image['uri']} shows, with :alt:"


def raw(guide: Guide, page: str):
    """Yield each raw directive or role."""
    for number, line in enumerate(guide.source(page), 1):
        if re.search(r"\.\.\s+raw::|:raw(-\w+)?:`|:format:", line):
            here = f"source/{page}.rst:{number}"
            yield line.strip(), f"{here}: write it in reStructuredText, without raw"


def bold_admonitions(guide: Guide, page: str):
    """Yield each note that is typed as bold text."""
    for node in prose(guide.doctree(page, "en")):
        first = node.children[0] if node.children else None
        text = running_text(first).rstrip(" :") if isinstance(first, nodes.strong) else ""
        if text.lower() in ("note", "warning", "tip", "important", "caution", "hint", "danger"):
            where = guide.where(page, "en", f"**{text}")
            yield text, f"{where}: write .. {text.lower()}:: instead of bold text"


def lint(guide: Guide):
    """Yield what sphinx-lint finds in the pages and the catalogues."""
    folders = [name for name in ("source", "locale", "local") if (guide.root / name).exists()]
    command = [sys.executable, "-m", "sphinxlint", "--enable", "default-role", *folders]
    run = subprocess.run(command, cwd=guide.root, capture_output=True, text=True, encoding="utf-8")
    output = run.stdout + run.stderr
    found = re.findall(r"^(\S+):(\d+): (.*) \(([\w-]+)\)$", output, re.MULTILINE)
    if run.returncode and not found:
        yield Result("sphinx-lint", f"sphinx-lint failed: {output}")
    files = [
        path
        for name in folders
        for end in ("rst", "po")
        for path in (guide.root / name).rglob(f"*.{end}")
    ]
    for path in sorted(files):
        name = str(path.relative_to(guide.root))
        yield from gathered(
            name,
            "sphinx-lint",
            [
                (f"{rule} line {line}", f"{name}:{line}: {text} ({rule})")
                for file, line, text, rule in found
                if file == name
            ],
        )


@judged_by(spelling)
def test_words_are_spelled_right(result):
    """Hunspell knows each word, or a list of words accepts it."""
    result.report()


@judged_by(terms)
def test_terms_are_ours(result):
    """One word per thing."""
    result.report()


@judged_by(doubled)
def test_no_word_is_doubled(result):
    """No word stands twice in a row."""
    result.report()


@judged_by(quotes)
def test_quotes_pair(result):
    """Quotes and brackets are closed."""
    result.report()


@judged_by(english_left)
def test_no_english_is_left(result):
    """A French page holds no English sentence and no English menu."""
    result.report()


@judged_by(names)
def test_pages_name_no_institute(result):
    """Names, addresses, labels and contacts come from the settings."""
    result.report()


@judged_by(form)
def test_markup_is_sound(result):
    """Headings, pictures and notes are marked up as what they are, and nothing is raw."""
    result.report()


@judged_by(lint)
def test_sphinx_lint_finds_nothing(result):
    """sphinx-lint finds nothing in pages and catalogues."""
    result.report()
