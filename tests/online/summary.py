"""Say what was seen of the links, for the person who sees to it."""

import datetime

from addresses import fault
from checking import Link
from judging import DAYS
from record import Known, Seen
from schema import shortened

# In which order they are shown, and under which heading.
HEADINGS = {
    "dead": "Dead: mend the page, or say so in the record",
    "moved": "Moved: write the new address",
    "walled": "Walled: no program can judge it, open it yourself",
    "doubtful": "Doubtful: it fails now; nothing to do yet",
}
UPSTREAM = "only pages of upstream link it: take over its later work, or tell upstream."
REVIVED = "Alive again: take it back in the record"
NEVER = "never checked"


def advice(link: Link, seen: Seen, known: Known | None, record: str) -> str:
    """Return what to do about a link; empty if nothing.

    Args:
        link: the link.
        seen: what was seen of it.
        known: what people know of it, if it is in the record.
        record: the name of the file that is the record.
    """
    address = link.address
    here = f'{record}, ["{address}"]'
    if known and known.dead:
        if seen.state in ("dead", "doubtful"):
            return ""
        return f"it answers again: take dead = “{known.dead}” out of {here}"
    if seen.state == "moved":
        if wrong := fault(seen.to):
            return f"open it, and link another address than this: it {wrong}"
        why = f'say why it may lead there, in {here}: redirect = "…"'
        if not link.is_own:
            return f"{UPSTREAM} Or {why}"
        return f"write {seen.to} (git apply build/links.patch does), or {why}"
    if seen.state == "walled":
        return f'open it: if you get the page, say why others do not, in {here}: walled = "…"'
    if seen.state == "doubtful":
        days = len(seen.failed)
        return f"it has failed on {days} of {DAYS} days: it will be asked again"
    if seen.state == "dead":
        mend = "link another page, or leave the link out." if link.is_own else UPSTREAM
        return (
            f"{mend} If the text needs it, say since when, in {here}: "
            f'dead = "…"; and if https://web.archive.org/web/*/{address} has a copy: '
            'archived = "https://…"'
        )
    return ""


def is_concern(seen: Seen, known: Known | None) -> bool:
    """Tell whether a person has to see to a link."""
    if known and known.dead:
        return seen.state not in ("dead", "doubtful")
    return seen.state in ("moved", "walled", "dead")


def counted(states: list[str]) -> str:
    """Return how many links have which state, as in “40 alive, 2 moved”."""
    order = ["alive", *reversed(HEADINGS), NEVER]
    return ", ".join(f"{states.count(name)} {name}" for name in order if name in states)


def told(seen: Seen, known: Known | None) -> str:
    """Return the heading that a link comes under; empty if there is nothing to say of it."""
    if known and known.dead:
        return REVIVED if is_concern(seen, known) else ""
    return HEADINGS.get(seen.state, "")


def code(text: str) -> str:
    """Return a text that a server has sent so that Markdown takes nothing in it for its own."""
    return f"`{shortened(text.replace('`', chr(39)), 500)}`"


def markdown(
    links: list[tuple[Link, Seen, Known | None]], today: datetime.date, record: str
) -> str:
    """Return the summary for the issue of a forge, in Markdown.

    Args:
        links: the links that were asked, with what was seen and what people know of each.
        today: the day.
        record: the name of the file that is the record.
    """
    concerns = sum(is_concern(seen, known) for _, seen, known in links)
    states = counted([seen.state for _, seen, _ in links])
    lines = [f"<!-- links: {concerns} -->", f"Links asked on {today}: {states}.", ""]
    for heading in (*HEADINGS.values(), REVIVED):
        there = [row for row in links if told(row[1], row[2]) == heading]
        lines += [f"## {heading}", ""] if there else []
        for link, seen, known in there:
            # As code, because an address as a link would be told to the people of that page.
            lines += [f"- {code(link.address)}, on {code(link.where)}"]
            lines += [f"  - it {code(seen.answer)}"]
            lines += [f"  - {code(advice(link, seen, known, record))}"]
        lines += [""] if there else []
    return "\n".join(lines)
