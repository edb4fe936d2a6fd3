"""Sphinx finds nothing to warn about."""

from guide import Guide
from results import gathered, judged_by


def warnings(guide: Guide):
    """Yield each warning of Sphinx, by the page it is about."""
    for language in guide.languages:
        found = guide.warnings(language)
        for page in guide.pages:
            about = [warned for warned in found if warned.place.startswith(f"source/{page}.rst")]
            found = [warned for warned in found if warned not in about]
            yield from gathered(
                f"{page}.rst",
                f"Sphinx [{language}]",
                [
                    (warned.text.split("\n")[0], f"{warned.place}: {warned.text}")
                    for warned in about
                ],
            )
        yield from gathered(
            "site",
            f"Sphinx [{language}]",
            [(warned.text.split("\n")[0], f"{warned.place}: {warned.text}") for warned in found],
        )


@judged_by(warnings)
def test_sphinx_warns_of_nothing(result):
    """A build of the page gives no warning."""
    result.report()
