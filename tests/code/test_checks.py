"""Each check of the guide fails on what it is there for, by name and with advice.

One copy of the repository is broken in many places at once; the raw seed text stands in
place of one page. The checks run on it once, and each break must have its own finding.
"""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import polib
import pytest

from copies import copy_repository, needs_spelling, retranslate, reword, run_checks

SEED = Path(__file__).parent / "data" / "seed-guide.rst"


def break_pages(root: Path) -> None:
    """Break the English pages."""
    source = root / "source"
    (source / "import-certificate.rst").write_bytes(SEED.read_bytes())
    reword(source / "index.rst", ".. [#tcs]", ".. [#tcz]")
    reword(source / "index.rst", "* cloud services,", "* the the cloud services,")
    reword(source / "index.rst", "* secure websites.", "* secure (websites, http://example.org/a.")
    reword(source / "index.rst", "Your |institute| identifiers", "Your CNRS identifiers")
    reword(source / "eligibility.rst", "Ask for the correction", "Please ask for the correction")
    reword(
        source / "eligibility.rst",
        ".. [#identity]",
        ".. raw:: html\n\n   <hr>\n\n"
        ".. |space| raw:: html\n\n   &#160;\n\n"
        ".. image:: way.svg\n\n"
        ".. image:: way.svg\n   :alt: The HARICA’s windwo\n\n"
        ":doc:`Read on <nowhere>`.\n\n"
        ":doc:`Request it <request-sesame>`.\n\n"
        "Another title\n=============\n\n"
        ".. [#identity]",
    )
    (source / "way.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    reword(
        source / "request-sesame.rst",
        "Step by step\n============\n",
        "Step by step\n============\n\n.. code-block: console\n\n   $ openssl version\n\n"
        ".. code-block:: bash\n\n   openssl version\n\n"
        ".. code-block:: zsh\n\n   rm -r certificates\n\n"
        ".. code-block:: console\n\n   $ echo \\\n   > two lines\n",
    )
    reword(
        source / "index.rst",
        "What you need\n=",
        "A mark [#documentation] without its end, a `link <www.example.org>`__ without https.\n\n"
        "What you need\n=",
    )
    reword(
        source / "gridcert.rst",
        ".. code-block:: console\n\n   $ cd ~/Downloads\n   $ openssl dgst -sha256 gridcert\n",
        ".. only:: latex\n\n   .. code-block:: console\n\n"
        "      $ cd ~/Downloads\n      $ openssl dgst -sha256 gridcert\n   ",
    )
    text = (source / "request-sesame.rst").read_text(encoding="utf-8")
    start, anssi, rest = text.partition(".. [#anssi-passwords]")
    reword(source / "request-sesame.rst", anssi + rest, "")
    first, second = (anssi + rest).split(".. [#no-recovery]")
    (source / "request-sesame.rst").write_text(
        f"{start}.. [#no-recovery]{second}\n{first}", encoding="utf-8"
    )


def add_overlay(root: Path) -> None:
    """Use a word and an address of an institute's own, which its overlay knows."""
    reword(
        root / "source/index.rst",
        "* secure ",
        "* the `Frobnitz <https://example.org/x>`__,\n* secure ",
    )
    (root / "local/words").mkdir()
    (root / "local/words/en.txt").write_text("Frobnitz\n")
    (root / "local/links.toml").write_text(
        '["https://example.org/x"]\nwhat = "Frobnitz"\nlanguage = "en"\n'
    )


def break_catalogues(root: Path) -> None:
    """Break the French."""

    def change(page, start, old, new):
        def replace(entry):
            entry.msgstr = entry.msgstr.replace(old, new)

        retranslate(root, page, start, replace)

    change("convert-certificate", "The tools of the", "\u00a0[#conversion]_", "")
    change("convert-certificate", "`Converting", "doc.cc.in2p3.fr", "doc.cc.in2p3.example")
    change(
        "convert-certificate", "Check the two", "Vérifier les deux fichiers", "Check the two files"
    )
    change("convert-certificate", "Put the files", "Mettre", "")
    retranslate(root, "convert-certificate", "Look at", lambda entry: setattr(entry, "msgstr", ""))
    retranslate(root, "convert-certificate", "Extract", lambda entry: entry.flags.append("fuzzy"))
    change("convert-certificate", "If something", "fermez", "fermez\n\nfermez")
    change("request-sesame", "Order a", "Demandez", "Demmandez")
    change("keep-safe", "Take at least", "\u00a0:", ":")
    change("keep-safe", "Use letters", "\u00a0:", " :")
    change("request-sesame", "Nobody tried", "HARICA\u00a0[#", "HARICA[#")
    change("request-sesame", "In case of", "En cas", "« En » cas d'un")
    change("request-sesame", "Write the pass", "un gestionnaire", '"un gestionnaire"')
    change("request-sesame", "`Exporting", "https://services.renater.fr", "javascript:alert")
    change("eligibility", "Can I get", "Puis-je", "Est-ce que with the")
    change("eligibility", "you have a", "|identity|", "Janus")
    change("request-sesame", "Do this on", "<eligibility>", "<convert-certificate>")
    change("eligibility", "Then you cannot", ":", "(")
    change("index", "For the commands of the grid, a", "``openssl``", "``ouvressl``")
    change("index", "The whole way", "Vue d’", "La la vue d’")
    change("sphinx", "Next", "Suivant", "Next")
    retranslate(root, "index", "For websites", lambda entry: setattr(entry, "msgctxt", "list"))
    reword(root / "institute.toml", 'at = "au CNRS"', 'at = "à l\'institut"')
    path = root / "locale/fr/LC_MESSAGES/request-sesame.po"
    catalogue = polib.pofile(str(path))
    catalogue.append(polib.POEntry(msgid="Next", msgstr="La suite"))
    catalogue.save()
    (path.parent / "gone.po").write_text('msgid ""\nmsgstr ""\n')


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> dict[str, str]:
    """The messages of the checks that fail on a broken copy, by their names."""
    root = copy_repository(tmp_path_factory.mktemp("broken") / "guide")
    break_pages(root)
    break_catalogues(root)
    add_overlay(root)
    report = root / "report.xml"
    done = run_checks(
        root, "tests/guide", f"--junitxml={report}", "-k", "not as_printed and not gives_a_pair"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout
    return {
        case.get("name").partition("[")[2].removesuffix("]"): failure.get("message")
        for case in ElementTree.parse(report).iter("testcase")
        for failure in case.iter("failure")
    }


def found(findings: dict[str, str], start: str) -> str:
    """Return the messages of the findings whose name starts so."""
    return "\n".join(message for name, message in findings.items() if name.startswith(start))


# What is broken, by how the name of the test that must fail starts, and a piece of what it
# must say.
BREAKS = {
    # Footnotes
    "index.rst: footnote tcs [en]": "source/index.rst:9: [tcs] has no footnote. Write .. [#tcs]",
    "index.rst: footnote tcz [en]": "nothing refers to this footnote",
    "request-sesame.rst: footnote no-recovery [en]": "footnote 2 is number 3 in the order",
    "convert-certificate.rst: footnote conversion [fr]": "nothing refers to this footnote",
    "convert-certificate.po: “The tools of the computing grid look for your c": (
        "the footnote [#conversion]_ of the English is missing: write it"
    ),
    "request-sesame.po: “Nobody tried the portal for this page, which was": (
        "a footnote mark is glued to a word"
    ),
    "index.rst: printed marks [en]: [#documentation]": "Write [#name]_ with the underscore",
    # Links
    "index.rst: link www.example.org [en]": "write https://www.example.org",
    "index.rst: link http://example.org/a [en]": "write https://example.org/a",
    "convert-certificate.rst: link https://doc.cc.in2p3.example/fr/Daily-usage/faq/"
    "faq-general-help.html#convertir-un-certificat [fr]": "is not in local/links.toml",
    "convert-certificate.rst: link https://doc.cc.in2p3.fr/fr/Daily-usage/faq/"
    "faq-general-help.html#convertir-un-certificat [fr]": "the English page links",
    "request-sesame.po: “`Exporting and importing a certificate <https:": (
        "the address javascript:alert/tcs/faq/tcs_personnes/export_import is not in the English"
    ),
    # Commands
    "request-sesame.rst: shows $ openssl version [en]": "the published page does not show this",
    "request-sesame.rst: block “openssl version”": "write “.. code-block:: console”",
    "request-sesame.rst: block “rm -r certificates”": "write “.. code-block:: console”",
    "request-sesame.rst: block “$ echo": "write a command on one line",
    "gridcert.rst: shows $ cd ~/Downloads [en]": "the published page does not show this",
    "gridcert.rst: shows $ openssl dgst -sha256 gridcert [fr]": "the published page does not show",
    # Catalogues
    "index.po: “For websites": "Delete this line",
    "gone.po [fr]": "there is no such page. Delete the file",
    "convert-certificate.po: “Look at the file” [fr]": "this entry is not translated",
    "convert-certificate.po: “Extract the certificate and the key” [fr]": "this entry is fuzzy",
    "convert-certificate.po: “If something stops you halfway, :ref:`one comma": (
        "the translation has several paragraphs"
    ),
    "eligibility.po: “Please ask for the correction before you requ": (
        "the English has a message that is not here"
    ),
    "eligibility.po: “Ask for the correction before you request a ce": (
        "the English has changed. Run make catalogues"
    ),
    "request-sesame.po: “Next” [fr]": "this entry stands here twice",
    "eligibility.po: “you have a |identity| identifier;” [fr]": (
        "the substitution |identity| of the English is missing"
    ),
    "request-sesame.po: “Do this on the computer on which you will keep th": (
        "the target convert-certificate is not in the English"
    ),
    "index.po: “For the commands of the grid, a terminal in which": (
        "the literal ``openssl`` of the English is missing"
    ),
    # French
    "keep-safe.po: “Take at least 15 characters. The French cyb": (
        "put a no-break space (U+00A0) before the last sign of “t:”"
    ),
    "keep-safe.po: “Use letters without accents, digits and ordin": (
        "put a no-break space (U+00A0) before “ :”"
    ),
    "request-sesame.po: “In case of problems” [fr]": "write ’ instead of ' in “d'un”",
    "request-sesame.po: “Write the password down in a password manager": (
        "write « … » instead of the straight quotes"
    ),
    "institute.toml: [institute.fr] at": "institute.toml: [institute.fr] at: write ’ instead of",
    "convert-certificate.po: “Check the two files” [fr]: English left": "this is still English",
    "eligibility.rst: English left [fr]: Est-ce que with the": "holds English",
    "sphinx.po: “Next” [fr]: English left": "locale/fr/LC_MESSAGES/sphinx.po:",
    # Words
    "request-sesame.rst: spelling [fr]: Demmandez": "locale/fr/LC_MESSAGES/request-sesame.po:",
    "eligibility.rst: spelling [en]: windwo": "source/eligibility.rst:",
    "index.rst: doubled words [en]: the the": "delete one",
    "index.rst: doubled words [fr]: La la": "delete one",
    "index.rst: quotes [en]: secure (websites, ": "( and ) do not pair",
    "index.rst: names of the institute: CNRS": "write |institute|",
    # Markup
    "eligibility.rst: raw markup: .. raw:: html": "without raw",
    "eligibility.rst: raw markup: .. |space| raw:: html": "without raw",
    "eligibility.rst: pictures: way.svg": "with :alt:",
    "eligibility.rst: portals: request-sesame": "link this page by |sesame-page| or |portal-page|",
    "eligibility.rst: Sphinx [en]: unknown document: 'nowhere' [ref.doc]": "eligibility.rst:",
}

# The faults of the seed text, which stands in place of import-certificate.rst.
FAULTS = {
    "spelling [en]: certifcate": "source/import-certificate.rst:8: “certifcate” is no word",
    "spelling [en]: Documentationi": "source/import-certificate.rst:65: “Documentationi” is no",
    "spelling [en]: Recommandations": "source/import-certificate.rst:67: “Recommandations” is",
    "footnote 5 [en]": "source/import-certificate.rst:60: [5] has no footnote",
    "Sphinx [en]: Title underline too short.": "source/import-certificate.rst:56:",
    "Sphinx [en]: Explicit markup ends without a blank line; unexpected unindent. [docutils]": (
        "source/import-certificate.rst:70:"
    ),
    "footnote 4 [en]": "“i .. [5] Converting a certificate: https” follows this footnote",
    "admonitions: Note": "source/import-certificate.rst:14: write .. note:: instead of bold",
    "terms [en]: x509 format": "write PEM",
    "terms [en]: PKCS12": "write PKCS#12",
    "names of the institute: JANUS": "write |identity|",
    "names of the institute: https://sesame.cnrs.fr/": "write |sesame-address|",
    "link https://wiki.geant.org/display/TCSNT/TCS+wiki+%282020%29+Sectigo [en]": "links.toml",
    "link https://cyber.gouv.fr/cybermois-2021-les-mots-de-passe [en]": "local/links.toml",
}


@pytest.mark.parametrize(("name", "advice"), BREAKS.items(), ids=BREAKS.keys())
def test_break_is_found(findings, name, advice):
    """A broken thing has a finding of its own that says what to write."""
    if "spelling" in name:
        needs_spelling()
    assert advice in found(findings, name)


@pytest.mark.parametrize(("fault", "advice"), FAULTS.items(), ids=FAULTS.keys())
def test_fault_of_the_seed_is_found(findings, fault, advice):
    """Each fault of the seed text has a clear finding."""
    if "spelling" in fault:
        needs_spelling()
    assert advice in found(findings, f"import-certificate.rst: {fault}")


def test_overlay_accepts_what_is_its_own(findings):
    """A word and an address that the overlay knows have no finding."""
    assert not [name for name in findings if "spelling" in name and "Frobnitz" in name]
    assert not [name for name in findings if "link https://example.org/x [en]" in name]


def test_known_word_may_be_inflected(findings):
    """A name that a list of words holds is known with ’s behind it, too."""
    assert not [name for name in findings if "HARICA's" in name]
