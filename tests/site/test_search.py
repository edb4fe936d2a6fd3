"""The search page finds words, and messages as readers paste them, in each language."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from docutils import nodes
from playwright.sync_api import Page
from sphinx.search import languages as known_to_sphinx

import browsers
import installed
from messages import is_troubleshooting
from search import stemmer

# How many of the pasted messages must lead to their entry by one of the first three results.
SHARE = 0.97
# Types each query, and returns its results.
SEARCH = """queries => queries.map(query => {
  const field = document.querySelector("main [name=q]");
  field.value = query;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  return [...document.querySelectorAll(".search-results > li")].map(item => ({
    address: item.querySelector("a").getAttribute("href"),
    marked: [...item.querySelectorAll("mark")].map(mark => mark.textContent.toLowerCase()),
  }));
})"""


@pytest.fixture(scope="module")
def tab(chromium) -> Iterator[Page]:
    """A tab in which the search page does not wait until nothing more is typed."""
    with chromium.new_context() as context:
        context.add_init_script("setTimeout = run => run();")
        yield context.new_page()


@pytest.fixture(scope="module")
def search(tab, at):
    """What types queries on the search page of a language, and returns the results of each."""

    def asked(language: str, *queries: str) -> list[list[dict]]:
        if tab.url.split("?")[0] != at(f"{language}/search.html"):
            tab.goto(at(f"{language}/search.html"))
        return tab.evaluate(SEARCH, queries)

    return asked


@pytest.mark.parametrize(
    ("language", "query", "expected", "marked"),
    [
        ("en", "certificates", "glossary.html#term-certificate", "certificate"),
        ("en", "Converting", "convert-certificate.html", "Convert"),
        ("en", "passphr", "glossary.html#term-passphrase", "passphrase"),
        ("en", "lost my key", "keep-safe.html#lost-or-stolen", "lost"),
        ("en", "-legacy", "problems-openssl.html#openssl-legacy-flag", "legacy"),
        ("en", "usercred.p12", "use-certificate.html#file-modes", "usercred"),
        ("en", "xyzzy Unrecognized", "problems-openssl.html#openssl-legacy-flag", "Unrecognized"),
        ("fr", "cle", "glossary.html#term-private-key", "clé"),
        ("fr", "CLÉS", "glossary.html#term-private-key", "clé"),
        ("fr", "accede", "keep-safe.html#lost-or-stolen", "accéder"),
        ("fr", "renouvele", "renew-certificate.html#renew-it-step-by-step", "Renouveler"),
        ("fr", "-legacy", "problems-openssl.html#openssl-legacy-flag", "legacy"),
        ("fr", "ou corrompu", "problems-browsers.html#browser-invalid", "corrompu"),
        ("fr", "Invalid or corrupt file", "problems-browsers.html#browser-invalid", "corrupt"),
        (
            "fr",
            "impossible d'importer",
            "problems-browsers.html#browser-unable",
            "importer",
        ),
    ],
)
def test_words_are_found(search, guide, language, query, expected, marked):
    """By their stems, without accents, half typed, and though another word is unknown."""
    if language not in guide.languages:
        pytest.skip(f"this site is not in {language}")
    [found] = search(language, query)
    assert expected in [one["address"] for one in found[:3]]
    assert marked.lower() in [word for one in found for word in one["marked"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("import in firefox", "import-certificate.html"),  # a rare word
        ("how to convert p12 to pem", "convert-certificate.html"),  # a word that says something
        ("Your certificate expired", "problems-voms-certificate.html"),  # neighbours
        ("SSL client : No", "problems-conversion.html"),  # a word of a title
    ],
)
def test_what_says_more_weighs_more(search, query, expected):
    """What has the word that says most is the first result."""
    [found] = search("en", query)
    assert found[0]["address"].split("#")[0] == expected


# -- Messages -------------------------------------------------------------------------------


def printed(guide) -> dict[str, set[str]]:
    """Return the lines of the messages that the guide explains, with where it does."""
    found = defaultdict(set)
    for page in filter(is_troubleshooting, guide.pages):
        for block in guide.doctree(page, "en").findall(nodes.literal_block):
            if any(name.startswith("error-") for name in block["classes"]):
                section = block.parent
                while not isinstance(section, nodes.section):
                    section = section.parent
                for line in block.astext().splitlines():
                    is_said = not re.match(r"\$ |(Re-)?[Ee]nter |Verifying ", line)
                    if is_said and len(re.findall(r"[^\W\d_]{2,}", line)) >= 3:
                        found[line].add(f"{page}.html#{section['ids'][0]}")
    return found


def as_read(line: str, number: int) -> str:
    """Return a printed line as it is on a reader's screen, with files and numbers of their own.

    Args:
        line: the line, as the guide prints it.
        number: that of the line: what is put into it differs.
    """
    before = ["140032:error:0D0680A8:", "curl: (35) ", "ERROR 2026-03-14 10:22:31,123 ", ""]
    between = ["/home/mdupont/grille/", "/tmp/x509up_u50123", r"C:\\Users\\mdupont"]
    after = [" (os error 13)", ", errno 0", " [0x2f:17]", ""]
    line = re.sub(r"^\.\.\.", before[number % 4], line)
    line = re.sub(r"\.\.\.$", after[number % 4], line)
    line = line.replace("...", between[number % 3])
    line = line.replace("Certificate.p12", "mdupont_2026.p12").replace("testvo", "biomed")
    line = line.replace("~/", "/home/mdupont/").replace("server.example.org", "se01.obs.fr:2811")
    return re.sub(r"\b\d{4,}\b", lambda digits: str(int(digits[0]) * 7 % 9973), line)


def missed(search, language: str, queries: list[tuple[str, set[str]]]) -> list[str]:
    """Return the queries that do not lead to where they should by one of the first three."""
    found = []
    results = search(language, *(query for query, _ in queries))
    for (query, expected), result in zip(queries, results, strict=True):
        first = [one["address"] for one in result[:3]]
        if not expected & set(first):
            found.append(f"{query}: {first} instead of {expected}")
    return found


def test_pasted_message_leads_to_its_entry(search, guide):
    """A line of each message, with other files and numbers in it, in each language."""
    queries = [(as_read(line, i), where) for i, (line, where) in enumerate(printed(guide).items())]
    assert queries
    for language in guide.languages:
        wrong = missed(search, language, queries)
        assert len(wrong) <= (1 - SHARE) * len(queries), "\n".join([language, *wrong])


@pytest.mark.extended
def test_part_of_a_message_leads_to_its_entry(search, guide):
    """The first half of each line, the second one, and a whole heading that quotes messages."""
    halves = defaultdict(set)
    for line, where in printed(guide).items():
        words = line.replace("...", " ").split()
        for half in (words[: len(words) // 2 + 1], words[len(words) // 2 :]):
            if len([word for word in half if len(word) > 2]) >= 3:
                halves[" ".join(half)] |= where
    titles = defaultdict(set)
    for page in filter(is_troubleshooting, guide.pages):
        for section in guide.doctree(page, "en").findall(nodes.section):
            for quoted in section.next_node(nodes.title).findall(nodes.literal):
                if " " in quoted.astext():
                    titles[quoted.astext()].add(f"{page}.html#{section['ids'][0]}")
    for language in guide.languages:
        assert not missed(search, language, list(titles.items()))
        wrong = missed(search, language, list(halves.items()))
        assert len(wrong) <= (1 - SHARE) * len(halves), "\n".join([language, *wrong])


# -- The page -------------------------------------------------------------------------------


def test_address_holds_the_query(page, at, guide):
    """It can be shared, comes back with the button of the browser, and keeps the language."""
    page.goto(at("en/search.html?q=" + quote("usercred.p12\nxyzzy")))
    link = page.locator(".search-results a").first
    first = link.inner_text()
    link.click()
    page.wait_for_url(lambda url: "search.html" not in url)
    page.go_back()
    assert page.input_value("main [name=q]") == "usercred.p12 xyzzy"
    assert link.inner_text() == first
    page.fill("main [name=q]", "é & co")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=" + quote("é & co"))
    for other in page.locator(".languages a").all():
        assert other.get_attribute("href").endswith("search.html?q=" + quote("é & co"))
    page.fill("main [name=q]", "")
    page.wait_for_url("**/search.html")
    assert page.locator("main [role=status]").inner_text() == ""


@pytest.mark.parametrize("where", ["server", "files"])
def test_form_of_another_page_leads_to_the_results(page, at, site, where):
    """On a server, below a path, and opened as files: nothing is stopped or missing."""
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(at("en/index.html") if where == "server" else (site / "en/index.html").as_uri())
    page.locator("form.search [name=q]").fill("proxy")
    page.keyboard.press("Enter")
    page.locator(".search-results a").first.click()
    page.wait_for_url(lambda url: "search.html" not in url)
    assert "proxy" in page.locator("main").inner_text()
    assert not said


def test_what_was_found_is_said(search, tab, guide):
    """The number of results is a status; where there are none, other ways are shown."""
    for language in guide.languages:
        status, other = tab.locator("main [role=status]"), tab.locator("main div a")
        [found] = search(language, "PBMAC1")
        assert str(len(found)) in status.inner_text()
        assert other.count() == 2
        assert not other.first.is_visible()
        [found] = search(language, "certificates")
        assert re.findall(r"\d+", status.inner_text())[0] == str(len(found)) == "30"
        assert search(language, "xyzzy") == [[]]
        assert status.inner_text()
        addresses = [link.get_attribute("href") for link in other.all() if link.is_visible()]
        assert addresses == ["sitemap.html", "problems.html"]


def test_results_are_reached_by_keyboard(search, tab):
    """The field has a label, and Tab leads from it to the button and the results."""
    search("en", "proxy")
    field = tab.get_by_label(tab.locator("main form label").inner_text())
    field.focus()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.matches('main form button')")
    for link in tab.locator(".search-results a").all():
        tab.keyboard.press("Tab")
        assert link.evaluate("link => link == document.activeElement")


def test_transcripts_are_marked_as_english(search, tab, guide):
    """On a page in another language, a line that a program prints is marked as English."""
    for language in set(guide.languages) - {"en"}:
        [found] = search(language, "curl could not parse PKCS12 file, check password")
        assert found[0]["address"].startswith("problems-curl-files.html#")
        for place in ("a", "p"):
            code = tab.locator(f".search-results {place} code").first
            assert code.get_attribute("lang") == "en"


def test_search_page_without_script_leads_on(chromium, at, guide):
    """It says that it needs a script, and leads to the sitemap and to the messages."""
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        for language in guide.languages:
            page.goto(at(f"{language}/search.html"))
            links = page.locator("main a").all()
            addresses = [link.get_attribute("href") for link in links if link.is_visible()]
            assert addresses == ["sitemap.html", "problems.html"]


def test_data_is_the_text_of_the_guide(site, guide):
    """All pages are in it, what is proved of commands is not."""
    for language in guide.languages:
        data = (site / language / "_static" / "search-data.js").read_text(encoding="utf-8")
        addresses = re.findall(r'\["([\w/-]+)\.html","",', data)
        assert sorted(addresses) == guide.pages
        proved = guide.html("convert-certificate", language).select(".evidence")
        assert all(each.get_text().strip() not in data for each in proved)


def test_each_language_of_sphinx_has_a_stemmer(page):
    """So has one that Sphinx does not know."""
    for language in [*known_to_sphinx, "pt_BR", "br"]:
        page.add_script_tag(content=stemmer(language))
        assert page.evaluate("new Stemmer().stemWord('abc')"), language


@pytest.mark.extended
def test_axe_finds_no_fault_in_results(search, tab, npm):
    """Results in both kinds of colours, narrow and wide, break no rule of axe."""
    axe = (npm / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    for query in ("certificate", "xyzzy"):
        search("fr", query)
        tab.evaluate(axe)
        for width in (1350, 320):
            for colours in ("light", "dark"):
                tab.set_viewport_size({"width": width, "height": 900})
                tab.emulate_media(color_scheme=colours)
                found = tab.evaluate("axe.run('main').then(found => found.violations)")
                assert not found, (query, width, colours)


@pytest.mark.extended
def test_firefox_finds_in_files(site):
    """Firefox, which is stricter with files, runs the search of a site opened as files."""
    installed.needs("firefox-esr")
    with browsers.home_folder() as home:
        folder = shutil.copytree(site, home / "site")
        with browsers.mozilla("firefox-esr", home) as firefox:
            firefox.visit((folder / "fr" / "search.html").as_uri() + "?q=cle")
            assert "clé privée" in firefox.text()
