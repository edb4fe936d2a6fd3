"""The results of a check: each that says something is a test of its own."""

from dataclasses import dataclass

import pytest

# What an admin should know, and what stops nothing; shown after the tests.
REPORTED: list[str] = []


@dataclass(frozen=True)
class Result:
    """What a check says about one thing on one page.

    Attributes:
        name: the page and the thing, as in ``index.rst: footnote tcs [fr]``.
        problem: where it is wrong and what to write instead; empty when it is right.
        lacks: what this machine lacks to judge it; empty when it was judged.
        reported: what an admin should know, though it is no problem; empty if nothing.
    """

    name: str
    problem: str = ""
    lacks: str = ""
    reported: str = ""

    def report(self) -> None:
        """Pass, skip or fail the test that stands for this result."""
        if self.reported:
            REPORTED.append(self.reported)
        if self.lacks:
            pytest.skip(f"{self.name}: {self.lacks}")
        if self.problem:
            pytest.fail(self.problem, pytrace=False)


def gathered(name: str, thing: str, findings: list[tuple[str, str]]) -> list[Result]:
    """Return a result for each finding, or one good result where nothing was found.

    Args:
        name: the page.
        thing: what was judged on it.
        findings: pairs of what was found and its problem.
    """
    if not findings:
        return [Result(f"{name}: {thing}")]
    return [Result(f"{name}: {thing}: {found}", problem) for found, problem in findings]


def bundled(results: list) -> list:
    """Return the results that say something, and one for each page that stands for the others.

    Thousands of tests that pass would take longer to report than to run.

    Args:
        results: results, or what is like them and is judged when it is asked.
    """
    kept, good = [], {}
    for result in results:
        if not isinstance(result, Result) or result.problem or result.lacks or result.reported:
            kept.append(result)
        else:
            good.setdefault(result.name.partition(": ")[0], []).append(result)
    for page, alike in good.items():
        kept.append(alike[0] if len(alike) == 1 else Result(f"{page}: {len(alike)} things"))
    return kept


def everywhere(judge):
    """Return a check that judges each page in each language."""

    def check(guide):
        for language in guide.languages:
            for page in guide.pages:
                yield from judge(guide, page, language)

    return check


def judged_by(check):
    """Return the mark that runs a test once for each result of a check.

    Args:
        check: a function that takes the guide and yields its results.
    """
    return pytest.mark.judged_by.with_args(check)
