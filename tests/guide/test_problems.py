"""Each entry of the troubleshooting pages is provoked by a test, or says that it is reported."""

from docutils import nodes

import messages
from guide import Guide
from labels import REPORTED
from results import gathered, judged_by

# What the tests do without a command block has a name there.
DONE = "theme/evidence.html"


def sections(guide: Guide, page: str) -> list[nodes.section]:
    """Return the sections of a troubleshooting page that are entries, or should be."""
    found = list(guide.doctree(page, "en").findall(nodes.section))[1:]
    return [section for section in found if messages.ASIDE not in section["classes"]]


def problem(guide: Guide, page: str, section: nodes.section) -> str:
    """Return what an entry lacks, if anything."""
    here = guide.where(page, "en", section[0].rawsource or section[0].astext())
    if len(section["ids"]) < 2:
        return (
            f"{here}: write a label before the heading, as in “.. _voms-key-mode:”, to which help "
            f"desks can link; or “.. rst-class:: {messages.ASIDE}” if this is no message"
        )
    anchor = section["ids"][0]
    roles = [name for block in section.findall(nodes.literal_block) for name in block["classes"]]
    errors = [name.removeprefix("error-") for name in roles if name.startswith("error-")]
    if errors:
        with_programs = "with-programs" in roles
        others = [name for name in errors if not name.startswith(anchor)]
        if with_programs and others == errors:
            return f"{here}: call the block that shows the error error-{anchor}"
        return ""
    told = [one for one in section.findall(nodes.paragraph) if REPORTED in one["classes"]]
    if told:
        if not any(list(one.findall(nodes.footnote_reference)) for one in told):
            return f"{here}: say in a footnote who reported it"
        return ""
    if f'"{anchor}"' in (guide.root / DONE).read_text(encoding="utf-8"):
        return ""
    return (
        f"{here}: show the message in a block of the class error-{anchor}, which a test provokes; "
        f"or say in a paragraph after “.. rst-class:: {REPORTED}”, with a footnote, who reported "
        f"it; or name in {DONE} what a test does to see it in a window: {anchor}"
    )


def entries(guide: Guide):
    """Yield what each entry of the troubleshooting pages lacks."""
    for page in guide.pages:
        if messages.is_troubleshooting(page) and page not in guide.own_pages:
            found = [
                (section[0].astext(), problem(guide, page, section))
                for section in sections(guide, page)
            ]
            yield from gathered(f"{page}.rst", "entries", [one for one in found if one[1]])


@judged_by(entries)
def test_entry_is_proved_or_reported(result):
    """An entry shows a message that a test provokes, or says who reported it."""
    result.report()
