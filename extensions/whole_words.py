"""Keep an option of a command, such as ``-noout``, on one line.

Browsers break lines behind a hyphen, and no style forbids just that: a reader who types what
stands there would put a space behind the hyphen.
"""

import re

from sphinx.application import Sphinx

# In the HTML of Pygments: an option, alone in its text.
OPTION = re.compile(r"(?<=</span>)(--?[A-Za-z0-9][\w-]*)(?=[<\n])")
BLOCK = re.compile(r"<pre>.*?</pre>", re.DOTALL)


def keep(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Mark the options of a page that is about to be written."""
    if "body" in context:
        context["body"] = BLOCK.sub(
            lambda block: OPTION.sub(r'<span class="word">\1</span>', block[0]), context["body"]
        )


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("html-page-context", keep)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
