"""Keep a failed build failed.

Sphinx reads only what has changed. After a build with warnings, the next one finds
nothing to read, meets no warning and calls the broken page good, even with ``-W``. So
what a build with warnings has read is forgotten.
"""

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx


def forget(app: Sphinx, exception: Exception | None) -> None:
    """Delete the environment of a build that failed or gave warnings.

    It is what tells Sphinx which pages it need not read again.
    """
    if exception or app._warncount:
        (app.doctreedir / ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("build-finished", forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
