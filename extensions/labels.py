"""Quote what the buttons and menus of a program say, so that the tests can compare the two.

``:ui-label:`Import… <firefox/certmgr-restore.label>``` looks like ``:guilabel:``, and keeps
the name of the program and the key under which the program keeps this text. Labels that the
tests do not see, of older versions or of other systems, are ``:ui-label:`Add <reported>```.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.roles import GUILabel
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole

logger = logging.getLogger(__name__)
PROGRAMS = ("chromium", "firefox", "thunderbird")
REPORTED = "reported"
# A key is the name of a message of Fluent, with its attribute if any, or a word of Chromium.
TARGET = re.compile(rf"({'|'.join(PROGRAMS)})/([A-Za-z][\w-]*(?:\.[\w-]+)?)")


class UILabel(ReferenceRole, GUILabel):
    """What a button or a menu of a program says."""

    def run(self):
        """Make a label that knows where its program has it from."""
        self.name, self.text = "guilabel", self.title
        found, messages = super().run()
        target = TARGET.fullmatch(self.target)
        if target:
            found[0]["program"], found[0]["key"] = target.groups()
        elif self.target == REPORTED and self.has_explicit_title:
            found[0]["classes"].append(REPORTED)
        else:
            text = (
                f"{self.rawtext} does not say whose label it is. Write "
                f":ui-label:`{self.title} <PROGRAM/KEY>`, where PROGRAM is one of "
                f"{', '.join(PROGRAMS)}, and KEY is what it calls this text; or "
                f":ui-label:`{self.title} <{REPORTED}>` for what the tests do not see"
            )
            logger.warning(text, location=self.get_location(), type="labels")
        return found, messages


def quoted(doctree: nodes.document) -> list[nodes.inline]:
    """Return the labels of a page that the tests compare with those of a program."""
    return [node for node in doctree.findall(nodes.inline) if node.get("program")]


def reported(doctree: nodes.document) -> list[nodes.inline]:
    """Return the labels of a page that the tests do not see."""
    found = doctree.findall(nodes.inline)
    return [node for node in found if {"guilabel", REPORTED} <= set(node["classes"])]


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_role("ui-label", UILabel())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
