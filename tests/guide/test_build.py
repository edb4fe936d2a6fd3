"""Sphinx finds nothing to warn about."""

from guide import Guide
from results import gathered, judged_by


def warnings(guide: Guide):
    """Yield each warning of Sphinx, by the page it is about."""
    for language in guide.languages:
        about: dict[str, list[tuple[str, str]]] = {f"{page}.rst": [] for page in guide.pages}
        about["site"] = []
        for warned in guide.warnings(language):
            place = warned.place.partition(":")[0]
            names = (f"{page}.rst" for page in guide.pages if guide.source_name(page) == place)
            finding = (warned.text.split("\n")[0], f"{warned.place}: {warned.text}")
            about[next(names, "site")].append(finding)
        for name, findings in about.items():
            yield from gathered(name, f"Sphinx [{language}]", findings)


@judged_by(warnings)
def test_sphinx_warns_of_nothing(result):
    """A build of the page gives no warning."""
    result.report()
