"""Do the same for many things, some at a time: most of it is waiting."""

import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from openssl_versions import fetched
from zoo import Missing


def side_by_side(do: Callable, things: Iterable, shells: Iterable[str]) -> dict:
    """Return what became of each thing; or skip, where a shell or the versions are missing.

    Args:
        do: what to do with a thing.
        things: the things.
        shells: the shells that this takes; each is also the name of its Debian package.

    Returns:
        What ``do`` returned, by the thing; or ``Missing``, where the file cannot be made.
    """
    if lacking := [one for one in shells if not shutil.which(one)]:
        pytest.skip(f"install the Debian packages {' '.join(lacking)}")
    if not fetched():
        pytest.skip("run make programs, which fetches the versions of OpenSSL")

    def one(thing):
        try:
            return do(thing)
        except Missing as error:
            return error

    things = list(things)
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(things, pool.map(one, things), strict=True))
