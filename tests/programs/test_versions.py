"""The pages hold for each OpenSSL, each kind of .p12 file, and each shell."""

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest

import homes
import proofs
from evidence import FAILS
from homes import PASSWORD
from openssl_versions import fetched, number, own_version
from side_by_side import side_by_side
from walks import FAULTS, Route, Walk, walk
from watch import Watch
from zoo import KINDS, Missing, common, zoo

PAGE = "convert-certificate"
# French messages and names of folders, where Debian's locale is there.
LOCALES = ("C.UTF-8", "fr_FR.UTF-8")
SHELLS = ("bash", "dash", "zsh")


def is_finished(route: Route) -> bool:
    """Tell whether a page can be followed to its end, as the pages say.

    What the versions read was tried; OpenSSL 3.4 brought PBMAC1 (its CHANGES.md, RFC 9579).
    """
    if route.fault:
        return route.fault == "second-renewal"
    specimen, version = route.specimen, route.openssl or own_version()
    if route.way == "usercred" and specimen.encryption == "RC2-40" and number(version) >= (3,):
        return False
    if route.way == "usercred" and not specimen.local_key_id:
        return False
    if specimen.profile == "e-mail":
        return False
    if specimen.encryption == "PBMAC1" and number(version) < (3, 4):
        return False
    return specimen.mac or number(version) >= (3,)


def followed(guide, route: Route) -> tuple[Walk, list[str]]:
    """Follow a page under watch, in a home folder of its own.

    Returns:
        What happened, and what must not have happened at any instant.
    """
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    watch = Watch(home)
    try:
        done = walk(guide, route, home)
    finally:
        wrong = watch.end()
    wrong += filter(None, [homes.half_made(home), homes.exposed(home)])
    wrong += filter(None, [homes.lost(home)] if route.old else [])
    if done.finished and route.way == "":
        wrong += filter(None, [homes.unfit(home)])
    elif not done.finished and homes.is_old(home) != route.old:
        wrong.append("the old pair is not in place, though the new one was refused")
    if wrong:
        done.results = [(block, FAILS) for block, _ in done.results]
    proofs.keep(route, done)
    shutil.rmtree(home, ignore_errors=True)
    return done, wrong


def judge(route: Route, done: Walk, wrong: list[str]) -> None:
    """Fail if a page does not hold on a route."""
    assert not done.problem, done.problem
    assert not wrong, "\n".join(wrong)
    assert done.finished == is_finished(route)


@pytest.mark.parametrize("openssl", fetched() or [""])
def test_version_does_as_printed(guide, openssl):
    """With each OpenSSL, the commands give a pair from the file that portals make now."""
    route = Route(PAGE, common("AES-256", PASSWORD), openssl=openssl)
    judge(route, *followed(guide, route))


def routes() -> list[Route]:
    """Return the routes of the whole table: each version with each file of the zoo.

    Shells, locales, and whether there is an old pair, change from one to the next, so that
    each meets each version.
    """
    found = []
    for turn, (version, specimen) in enumerate(itertools.product(["", *fetched()], zoo())):
        found.append(
            Route(
                PAGE,
                specimen,
                openssl=version,
                shell=SHELLS[(turn + turn // len(SHELLS)) % len(SHELLS)],
                locale=LOCALES[turn // 2 % len(LOCALES)],
                old=turn % 5 != 0,
            )
        )
    kinds = [common(kind, PASSWORD) for kind in KINDS]
    found += [Route(PAGE, one, "usercred", openssl=v) for v in fetched() for one in kinds]
    found += [Route(PAGE, kinds[-1], fault=one, openssl=v) for v in fetched() for one in FAULTS]
    for way in ("browser", "old-systems"):
        found += [Route("other-formats", kinds[-1], way, openssl=v) for v in fetched()]
    found += [Route("gridcert", one, openssl=v) for v in fetched() for one in kinds[-2:]]
    return found


ROUTES = routes()


@pytest.fixture(scope="module")
def walks(guide):
    """What happened on each route."""
    return side_by_side(lambda route: followed(guide, route), ROUTES, SHELLS)


@pytest.mark.extended
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_route_does_as_printed(walks, route):
    """Each version, kind of file and shell does as the pages say."""
    found = walks[route]
    if isinstance(found, Missing):
        pytest.skip(str(found))
    judge(route, *found)
