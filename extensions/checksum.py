"""Show the checksum of a file that readers download: ``:sha256:`downloads/gridcert```."""

import hashlib
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole


class Checksum(SphinxRole):
    """The SHA-256 of a file, which is given from the folder of the pages."""

    def run(self):
        """Return the checksum as a literal; the page is built again when the file changes."""
        file = Path(self.env.srcdir, self.text)
        try:
            found = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            message = self.inliner.reporter.error(
                f"{self.text} cannot be read: {error.strerror}", line=self.lineno
            )
            return [nodes.problematic(self.rawtext, self.rawtext)], [message]
        self.env.note_dependency(str(file))
        return [nodes.literal("", found, classes=["checksum"])], []


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_role("sha256", Checksum())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
