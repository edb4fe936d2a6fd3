"""Sphinx finds nothing to warn about."""

from guide import Guide
from results import gathered, judged_by


def warnings(guide: Guide):
    """Yield each warning of Sphinx, by the page it is about."""
    for language in guide.languages:
        about: dict[str, list[tuple[str, str]]] = {f"{page}.rst": [] for page in guide.pages}
        about["site"] = []
        for warned in guide.warnings(language):
            pages = (page for page in about if warned.place.startswith(f"source/{page}"))
            finding = (warned.text.split("\n")[0], f"{warned.place}: {warned.text}")
            about[next(pages, "site")].append(finding)
        for name, findings in about.items():
            yield from gathered(name, f"Sphinx [{language}]", findings)


@judged_by(warnings)
def test_sphinx_warns_of_nothing(result):
    """A build of the page gives no warning."""
    result.report()
