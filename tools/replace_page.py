"""Start a page of the overlay from ours, or mark one as up to date with ours.

    python3 tools/replace_page.py PAGE

The overlay's page says in ``:replaces:`` which text of ours it replaces: git's name of that
text, so that git can show what has changed since.
"""

import hashlib
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The line among those at the top of a page.
FIELD = re.compile(r"\A(\s*(?::[\w-]+:.*\n)*?):replaces:.*\n")


def text_hash(text: bytes) -> str:
    """Return git's name of a text (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).

    Args:
        text: the contents of a file; how its lines end does not count.
    """
    text = text.replace(b"\r\n", b"\n")
    return hashlib.sha1(b"blob %d\0%s" % (len(text), text)).hexdigest()


def main(name: str) -> str | None:
    """Write the page, or its field anew; return what is wrong, if anything."""
    name = name.removesuffix(".rst")
    source = ROOT / "source"
    pages = {str(path.relative_to(source).with_suffix("")): path for path in source.rglob("*.rst")}
    if name not in pages:
        unknown = f"There is no page {name}. " if name else ""
        names = ", ".join(sorted(pages))
        return f"{unknown}Say which page, as in make replace PAGE=index. There are: {names}."
    ours = pages[name]
    own = ROOT / (os.environ.get("LOCAL") or "local") / "pages" / f"{name}.rst"
    try:
        text = own.read_text(encoding="utf-8-sig") if own.exists() else ""
    except UnicodeDecodeError:
        return f"{os.path.relpath(own)}: save the file as UTF-8"
    new = not text
    text = FIELD.sub(r"\1", text) if text else ours.read_text(encoding="utf-8")
    if not text.startswith(":"):
        text = f"\n{text.lstrip()}"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(f":replaces: {text_hash(ours.read_bytes())}\n{text}", encoding="utf-8")
    done = "holds our text: change it" if new else "is up to date with ours"
    print(f"{os.path.relpath(own)} {done}.")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
