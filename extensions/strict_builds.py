"""Keep a failed build failed, and say plainly why a page cannot be read.

Sphinx reads only what has changed. After a build with warnings, the next one finds
nothing to read, meets no warning and calls the broken page good, even with ``-W``. So
what a build with warnings has read is forgotten.
"""

import sys

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError

from settings import read_text


def forget(app: Sphinx, exception: Exception | None) -> None:
    """Delete the environment of a build that failed or gave warnings.

    It is what tells Sphinx which pages it need not read again.
    """
    if exception or app._warncount:
        (app.doctreedir / ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def judge_encoding(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Stop where a page is no UTF-8; Sphinx would not say which.

    Raises:
        SystemExit: with the file and the line.
    """
    for name in names:
        try:
            read_text(env.doc2path(name))
        except ConfigError as error:
            sys.exit(str(error))


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("env-before-read-docs", judge_encoding)
    app.connect("build-finished", forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
