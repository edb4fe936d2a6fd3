"""Start the settings of an institute: local/institute.toml, with the keys to fill in.

    python3 tools/new_institute.py

It holds the tables of institute.toml that no institute takes from another, with their
comments, and no values.
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Tables and keys that may be left out are commented out. Upstream lets nobody answer for
# the site; a fork must say who does.
OPTIONAL = {"documentation", "vo", "authorities", "help-title", "help-address"}
OPTIONAL |= {"accessibility", "organisations.harica"}
MANDATORY = {("owner", "contact"), ("owner", "name")}
HEAD = """\
# The settings of your institute, laid over the institute.toml of the guide key by key.
# Fill in each ""; behind it stands what another institute wrote. Take away the # before a
# key that you need. `make check` says what is missing. Copy further keys from the
# institute.toml of the guide only where they differ.

# The languages the guide is published in.
languages = ["en", "fr"]

# The portals that you offer, and the one that the start page sends readers to.
offered-portals = ["harica"]
main-portal = "harica"
"""


def skeleton(text: str) -> str:
    """Return the tables to fill in, from the text of institute.toml."""
    start = text.index("# (own) |domains|")
    end = text.index("# -- Portals")
    lines, table = [], ""
    for line in text[start:end].splitlines():
        if header := re.match(r"#?\[([\w-]+)", line):
            if header[1] == "authorities" != table:
                lines += ["[authorities]", ""]
            table = header[1]
            line = f"{'#' if table in OPTIONAL else ''}{line.lstrip('#')}"
        elif setting := re.match(r"#?([\w.-]+) = (.*)", line):
            key, value = setting.groups()
            needed = not line.startswith("#") or (table, key) in MANDATORY
            mark = "" if needed and not {table, key} & OPTIONAL else "#"
            empty = "[]" if value.startswith("[") else '""'
            line = f"{mark}{key} = {empty}" + (f"  # such as {value}" if value != empty else "")
        lines.append(line)
    return "\n".join(lines)


def main() -> str | None:
    """Write the file, unless there is one; return what is wrong, if anything."""
    path = ROOT / (os.environ.get("LOCAL") or "local") / "institute.toml"
    if path.exists():
        return f"{os.path.relpath(path)} is there already, and was left as it is."
    path.parent.mkdir(parents=True, exist_ok=True)
    text = skeleton((ROOT / "institute.toml").read_text(encoding="utf-8"))
    path.write_text(f"{HEAD}\n{text}\n", encoding="utf-8")
    print(f"Now fill in {os.path.relpath(path)}; make check says what is missing.")
    return None


if __name__ == "__main__":
    sys.exit(main())
