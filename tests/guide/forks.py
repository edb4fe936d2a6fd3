"""A fork of the guide, with real git, as an admin has it."""

import shutil
import subprocess
from pathlib import Path

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "__pycache__", ".*_cache", ".hypothesis", "*.mo"
)


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, and return what it prints.

    Raises:
        CalledProcessError: git failed.
    """
    name = ["-c", "user.name=Anna Tester", "-c", "user.email=anna@example.org"]
    command = ["git", "-C", folder, *name, "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, message: str) -> None:
    """Commit all that is in a folder."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def make_upstream(root: Path, to: Path) -> Path:
    """Make a repository of what a folder holds, without the overlay of its institute."""
    shutil.copytree(root, to, ignore=LEFT_OUT)
    for path in (to / "local").iterdir():
        if path.name != "README.md":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    git(to, "init", "--quiet", "--initial-branch=main")
    commit(to, "Publish the guide")
    return to


def make_fork(upstream: Path, to: Path) -> Path:
    """Clone a repository; it is called upstream there."""
    git(upstream, "clone", "--quiet", "--origin=upstream", str(upstream), str(to))
    for key, value in (("user.name", "Anna Tester"), ("user.email", "anna@example.org")):
        git(to, "config", key, value)
    return to
