"""Ask the external links of the guide, and keep what was seen, link by link."""

import asyncio
import datetime
import functools
import re
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field

from asking import Asker, AskError, Limits
from guide import Guide
from judging import after, judge
from record import Known, Seen, SeenLinks

REFUSES = re.compile("refused|reset|closed|certificate|TLS|handshake", re.IGNORECASE)


@dataclass
class Link:
    """An external link.

    Attributes:
        address: where it leads.
        pages: the names of the pages that have it.
        text: what the first of them calls it.
        is_own: whether whoever runs this may change one of them.
    """

    address: str
    text: str
    is_own: bool = False
    pages: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """Return the pages that have it, in words: of many, the first."""
        first, left = ", ".join(self.pages[:3]), len(self.pages) - 3
        return f"{first} and {left} more" if left > 0 else first


@functools.cache
def published(guide: Guide) -> dict[str, Link]:
    """Return the external links of all the pages, in all their languages, by their addresses."""
    archived = {known.archived: one for one, known in guide.record.items() if known.archived}
    links: dict[str, Link] = {}
    for page in guide.pages:
        for language in guide.languages:
            for tag in guide.html(page, language).select('a[href^="https://"]'):
                # The link to report an error names the page.
                if tag.find_parent(class_="about-page"):
                    continue
                address = archived.get(tag["href"], tag["href"])
                text = " ".join(tag.get_text().split())
                link = links.setdefault(address, Link(address, text))
                link.is_own |= page in guide.own_pages or not guide.reading.is_fork
                if page not in link.pages:
                    link.pages.append(page)
    return links


def check(
    addresses: Iterable[str],
    record: dict[str, Known],
    seen: SeenLinks,
    note: Callable[[str, Seen], None],
    today: datetime.date,
    limits: Limits,
    contact: str = "",
) -> None:
    """Ask addresses, and note what was seen of each.

    Args:
        addresses: the addresses, each once.
        record: what people know of them.
        seen: what was seen before.
        note: is told each address, and what is now known of it, as soon as it has answered.
        today: the day on which this happens.
        limits: how long it may take.
        contact: where those who are asked learn more.

    Raises:
        AskError: lychee is missing; or nobody answered at all, so that the fault is here.
    """
    asyncio.run(_check(list(addresses), record, seen, note, today, Asker(limits, contact)))


async def _check(addresses, record, seen, note, today, asker) -> None:
    silent, has_answered = [], False
    async with aclosing(asker.ask(addresses)) as answers:
        async for address, answer in answers:
            verdict = judge(address, answer, record.get(address))
            # Of a machine without network no link must be said to fail.
            silent.append((address, after(seen.links.get(address), verdict, today)))
            has_answered |= answer.code is not None or answer.lacks_anchor
            # A single one may be dead, if it refuses, which somebody must be there for.
            has_answered |= len(addresses) == 1 and bool(REFUSES.search(answer.why))
            while has_answered and silent:
                note(*silent.pop(0))
    if silent:
        raise AskError(
            f"none of {len(silent)} addresses answered: nothing was noted. Is this machine "
            f"connected? The first, {silent[0][0]}: {silent[0][1].answer}"
        )
