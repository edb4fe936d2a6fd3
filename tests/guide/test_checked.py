"""Each page says when its text was last checked; those of portals, from what it was written."""

import re

import checked
import overlay
from guide import Guide
from results import Result, judged_by


def days(guide: Guide):
    """Yield a result for each page: does it say on which day its text was checked?"""
    for page in guide.pages:
        source = guide.source_name(page)
        written = overlay.fields(guide.root / source).get("checked")
        day = checked.day(written or "")
        problem = ""
        if written is None:
            problem = "write in its first lines when its text was checked, as in :checked: "
            problem += checked.latest().isoformat()
        elif day is None:
            problem = f":checked: {written} is no day: write it as in :checked: 2026-11-26"
        elif day > checked.latest():
            problem = f":checked: {written} is in the future: write the day of the last check"
        problem = problem and f"{source}:1: {problem}"
        # A page of an overlay is the institute's own matter.
        if page in guide.own_pages and written is None:
            yield Result(f"{page}.rst: checked", reported=problem)
        else:
            yield Result(f"{page}.rst: checked", problem)


def documents(guide: Guide):
    """Yield a result for each page of a portal: does it say what it was written from?"""
    for page in guide.pages:
        if page.startswith("request-") and page not in guide.own_pages:
            source = guide.source_name(page)
            written = overlay.fields(guide.root / source).get("documents", "")
            problem = ""
            if not re.fullmatch(r"\d{4}", written):
                problem = f"{source}:1: say of when the documents are that it was written from, "
                problem += "as in :documents: 2025"
            yield Result(f"{page}.rst: documents", problem)


@judged_by(days)
def test_page_says_when_it_was_checked(result):
    """A page has the day of the last check, which is a real one, and not to come."""
    result.report()


@judged_by(documents)
def test_page_of_a_portal_says_what_it_was_written_from(result):
    """No portal was tried: its page says of when the documents are."""
    result.report()
