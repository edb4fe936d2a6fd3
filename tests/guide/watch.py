"""Watch a home folder while commands run, not only before and after them."""

import os
import stat
import threading
from pathlib import Path

from inotify_simple import INotify, flags

import homes

EVENTS = flags.CREATE | flags.MODIFY | flags.ATTRIB | flags.CLOSE_WRITE | flags.MOVED_TO
EVENTS |= flags.DELETE


class Watch:
    """A thread that looks at each file when it is made, written, moved or changes its mode.

    Attributes:
        problems: which files let others get at a private key at some instant.
    """

    def __init__(self, home: Path):
        """Begin to watch a home folder and the folders in it."""
        self.home = home
        self.problems: list[str] = []
        # Inodes that others could open, and those that hold a key: a file that was open to
        # others while it was empty may have been opened by them before the key came.
        self._open: dict[int, str] = {}
        self._secret: set[int] = set()
        self._inodes: dict[Path, int] = {}
        self._inotify = INotify()
        self._folders: dict[int, Path] = {}
        self._ended = threading.Event()
        self._add(home)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _add(self, folder: Path) -> None:
        """Watch a folder and those in it."""
        try:
            self._folders[self._inotify.add_watch(str(folder), EVENTS)] = folder
            for path in folder.iterdir():
                if path.is_dir() and not path.is_symlink():
                    self._add(path)
                else:
                    self._look(path, True)
        except OSError:
            # Gone before we came.
            return

    def _run(self) -> None:
        while not self._ended.is_set():
            self._see(timeout=100)

    def _see(self, timeout: int) -> None:
        """Look at what has happened, or happens within some milliseconds."""
        for event in self._inotify.read(timeout=timeout):
            if event.wd not in self._folders:
                continue
            path = self._folders[event.wd] / event.name
            if event.mask & flags.DELETE:
                # The number of a file that was deleted may come back.
                self._forget(self._inodes.pop(path, None))
            elif event.mask & flags.ISDIR:
                self._add(path)
            else:
                self._look(path, bool(event.mask & flags.CREATE))

    def _forget(self, inode: int | None) -> None:
        """Forget what is known of a file: its number is now that of another one."""
        self._open.pop(inode, None)
        self._secret.discard(inode)

    def _look(self, path: Path, is_new: bool = False) -> None:
        """Look at a file as it is now."""
        if not homes.is_ours(self.home, path):
            return
        try:
            # Without following a link: what it leads to is looked at where it lies.
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return
        with os.fdopen(file, "rb") as opened:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                return
            content = opened.read()
        if is_new:
            self._forget(found.st_ino)
        self._inodes[path] = found.st_ino
        name = f"~/{path.relative_to(self.home)}"
        if found.st_mode & 0o077:
            self._open[found.st_ino] = f"{name} ({stat.S_IMODE(found.st_mode):o})"
        if homes.holds_key(path, content):
            self._secret.add(found.st_ino)
            if problem := homes.unencrypted(name, content):
                self.problems.append(problem)
        if found.st_ino in self._secret and found.st_ino in self._open:
            others = self._open[found.st_ino]
            self.problems.append(f"others could read the private key {others} for a moment")

    def end(self) -> list[str]:
        """Stop watching.

        Returns:
            What was wrong at some instant.
        """
        self._ended.set()
        self._thread.join()
        self._see(timeout=0)
        self._inotify.close()
        return list(dict.fromkeys(self.problems))
