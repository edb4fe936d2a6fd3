"""Make the Python environment .venv from the locks. Called by the Makefile.

    python3 tools/set_up.py requirements.txt …

Runs with the system's Python and no package, so that it can say in one sentence what the
system lacks.
"""

import subprocess
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent.parent / ".venv"


def main(locks):
    """Make .venv if it does not work, and install the locks given as paths."""
    if sys.version_info < (3, 11):
        return (
            "Python %d.%d is too old: install Python 3.11 or later, and say which, "
            "as in make PYTHON=python3.11 site." % sys.version_info[:2]
        )
    python = VENV / "bin" / "python"
    try:
        subprocess.run([python, "-m", "pip", "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        try:
            import ensurepip  # noqa: F401
            import venv
        except ImportError:
            return (
                "Python's venv module is missing: "
                "install the Debian package python3-venv (apt install python3-venv)."
            )
        print("Making the Python environment .venv", flush=True)
        venv.create(VENV, clear=True, with_pip=True)
    for lock in locks:
        print("Installing %s" % lock, flush=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, "--require-hashes", "-r", lock]).returncode:
            return "The packages of %s could not be installed: see pip's message above." % lock
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
