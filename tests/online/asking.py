"""Ask addresses: lychee does, and a second look reads what it does not tell, the title.

lychee (https://lychee.cli.rs) caps how long a server may have it wait, tells redirects with
their statuses, and looks for anchors; Sphinx's linkcheck and pytest-check-links wait for as
long as a server says, and linkchecker takes a server's refusal for a good answer. One process
asks one address, so that nothing a server does holds up, or takes along, any other.
"""

import asyncio
import contextlib
import html
import json
import os
import re
import shutil
import ssl
import sysconfig
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
import yarl

from looking import MOST, Page, read_page

# What fails so may pass by itself: it is asked again. Without a status, nothing answered.
PASSING = {None, 408, 425, 429, 500, 502, 503, 504, *range(520, 528)}
# As browsers do; servers refuse who sends none.
HEADERS = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en,fr;q=0.8"}
GOOD = range(200, 300)
# What lychee says, and we, of a server that keeps silent.
SILENT = {"Request timed out", "did not answer in time"}
# How a server that asks for a client certificate ends the connection
# (https://www.rfc-editor.org/rfc/rfc8446#section-6.2). nginx has a status for that, 496.
CERTIFICATE = re.compile(r"ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE)")
# Of these, the statuses by which a server refuses.
REFUSED = {429, 503}
# Of what leads elsewhere (https://www.rfc-editor.org/rfc/rfc9110#section-15.4).
REDIRECTING = {301, 302, 303, 307, 308}
REDIRECTS = 10
# In bytes, of a header: as much as browsers take.
HEADER = 262_144
# What lychee gets of the environment: proxies, and whose certificates to trust.
PASSED = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY")
PASSED += ("no_proxy",)
# In bytes. lychee has a page in memory while it looks for an anchor, and some never end.
MEMORY = 700_000_000


class AskError(Exception):
    """Nobody could be asked; the text says why, and what to do."""


@dataclass(frozen=True)
class Limits:
    """How long anything may take, in seconds, and how much may happen at once.

    Attributes:
        request: the most that one request may take, redirects included.
        waits: how long to wait before those that fail are asked again, each time.
        total: the most that all may take.
        at_once: how many addresses are asked at the same time.
        a_host: how many of them at one host.
    """

    request: float = 20
    waits: tuple[float, ...] = (5, 20, 60)
    total: float = 1500
    at_once: int = 8
    a_host: int = 2


@dataclass(frozen=True)
class Answer:
    """What an address has answered.

    Attributes:
        code: the HTTP status of the last page; none where nothing answered.
        why: the same in words.
        hops: the statuses of the redirects on the way, each with the address it leads to.
        lacks_anchor: whether the page has no such anchor.
        page: what its text says; none where it has no text, or was not read.
    """

    code: int | None
    why: str
    hops: tuple[tuple[int, str], ...] = ()
    lacks_anchor: bool = False
    page: Page | None = None


class Asker:
    """Asks addresses, never more than a few at a time."""

    def __init__(self, limits: Limits, contact: str = ""):
        """Prepare to ask.

        Args:
            limits: how long, and how much at once.
            contact: where somebody who sees the requests learns more; empty if unknown.

        Raises:
            AskError: lychee is not installed.
        """
        # That of the same environment wins over any other.
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
        lychee = shutil.which("lychee", path=path)
        if not lychee:
            raise AskError(
                "lychee is missing, and PyPI has none for this kind of machine: install it from "
                "https://lychee.cli.rs, then run make links again"
            )
        # Where the system has no prlimit, as macOS, memory is not limited.
        prlimit = shutil.which("prlimit")
        limit = [prlimit, f"--as={MEMORY}"] if prlimit else []
        self.limits, self.command = limits, [*limit, lychee]
        named = f"; +{contact}" if contact else ""
        self.agent = f"Mozilla/5.0 (compatible; link check of a certificate guide{named})"

    async def ask(self, addresses: Iterable[str]) -> AsyncIterator[tuple[str, Answer]]:
        """Ask addresses; those whose fault may pass by itself several times, with patience.

        Args:
            addresses: the addresses, each once.

        Yields:
            Each address with its answer, as soon as it counts. Those that time did not
            suffice for are left out.
        """
        end = time.monotonic() + self.limits.total
        # Made here, because they belong to the loop that asks.
        self._places = asyncio.Semaphore(self.limits.at_once)
        self._hosts = defaultdict(lambda: asyncio.Semaphore(self.limits.a_host))
        connector = aiohttp.TCPConnector(
            limit_per_host=self.limits.a_host, force_close=True, ssl=ssl.create_default_context()
        )
        async with connector:
            left, failures = list(addresses), defaultdict(list)
            has_answered = len(left) == 1
            for wait in (0, *self.limits.waits):
                if not left or time.monotonic() + wait >= end:
                    return
                await asyncio.sleep(wait)
                async with aclosing(self._ask_once(left, connector, end)) as answers:
                    left = []
                    async for address, answer in answers:
                        has_answered |= answer.code is not None or answer.lacks_anchor
                        if answer.code not in PASSING:
                            yield address, answer
                        else:
                            failures[address].append(answer)
                            left.append(address)
                # Patience helps no machine without network.
                if not has_answered:
                    break
            for address in left:
                yield address, usual(failures[address])

    async def _ask_once(
        self, addresses: list[str], connector: aiohttp.BaseConnector, end: float
    ) -> AsyncIterator[tuple[str, Answer]]:
        """Yield each address with its answer, as they come, until the time is over."""
        tasks = [asyncio.create_task(self._ask(one, connector, end)) for one in addresses]
        try:
            for done in asyncio.as_completed(tasks):
                address, answer = await done
                if answer:
                    yield address, answer
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(
        self, address: str, connector: aiohttp.BaseConnector, end: float
    ) -> tuple[str, Answer | None]:
        """Return an address with its answer, or with none when the time is over."""
        answer = await self._ask_in_turn(address, connector, end)
        onward = answer.page.refresh if answer and answer.page and answer.code in GOOD else ""
        if not onward:
            return address, answer
        # A page that leads on by itself is a redirect for good, and its last step counts
        # (https://developers.google.com/search/docs/crawling-indexing/301-redirects).
        last = answer.hops[-1][1] if answer.hops else address
        there = ""
        with contextlib.suppress(ValueError):
            there = urljoin(last, onward)
        leads_back = there.partition("#")[0] == last.partition("#")[0]
        if leads_back or not there.startswith("https://"):
            return address, answer
        then = await self._ask_in_turn(there, connector, end)
        if not then:
            return address, answer
        return address, replace(then, hops=(*answer.hops, (301, there), *then.hops))

    async def _ask_in_turn(
        self, address: str, connector: aiohttp.BaseConnector, end: float
    ) -> Answer | None:
        """Return what an address answers, asked when it is the turn of all hosts on its way."""
        async with self._turn([address]):
            if time.monotonic() >= end:
                return None
            answer = await self._ask_whole(address, connector, end, redirects=0)
        if answer.code not in REDIRECTING:
            return answer
        way = await self._way(address, connector, end)
        async with self._turn([address, *way]):
            if time.monotonic() >= end:
                return None
            return await self._ask_whole(address, connector, end)

    @contextlib.asynccontextmanager
    async def _turn(self, addresses: Iterable[str]) -> AsyncIterator[None]:
        """Wait until the hosts of some addresses may be asked."""
        async with contextlib.AsyncExitStack() as stack:
            # All wait for the hosts in the same order: nobody waits for one who waits for him.
            for host in sorted({urlsplit(address).hostname or "" for address in addresses}):
                await stack.enter_async_context(self._hosts[host])
            await stack.enter_async_context(self._places)
            yield

    async def _way(self, address: str, connector: aiohttp.BaseConnector, end: float) -> list[str]:
        """Return the addresses that redirects lead to, as far as they can be followed."""
        way, left = [], self._limit(end)
        with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError, ValueError):
            async with self._session(connector) as session:
                while len(way) < REDIRECTS and left > 0:
                    there = yarl.URL([address, *way][-1], encoded=True)
                    async with self._turn([str(there)]):
                        start, limit = time.monotonic(), aiohttp.ClientTimeout(left)
                        async with session.get(there, allow_redirects=False, timeout=limit) as step:
                            onward = step.headers.get("Location")
                        left -= time.monotonic() - start
                    if step.status not in REDIRECTING or not onward:
                        break
                    way.append(urljoin(str(there), onward))
        return way

    def _session(self, connector: aiohttp.BaseConnector, **how):
        """Return what asks as a browser does; each request has its own limit of time."""
        return aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers=HEADERS | {"User-Agent": self.agent},
            max_line_size=HEADER,
            max_field_size=HEADER,
            trust_env=True,
            **how,
        )

    async def _ask_whole(
        self,
        address: str,
        connector: aiohttp.BaseConnector,
        end: float,
        redirects: int = REDIRECTS,
    ) -> Answer:
        """Return what lychee says of an address, and what its page says."""
        answer = await self._lychee_asks(address, self._limit(end), redirects)
        # Of what is gone, broken or silent for too long, there is no more to learn.
        is_done = answer.code in {404, 410, *range(500, 600)} or answer.why in SILENT
        is_done |= not redirects and answer.code in REDIRECTING
        if is_done or time.monotonic() >= end:
            return answer
        return await self._look(address, answer, connector, self._limit(end))

    def _limit(self, end: float) -> float:
        return max(1, min(self.limits.request, end - time.monotonic()))

    async def _lychee_asks(self, address: str, limit: float, redirects: int) -> Answer:
        """Return what lychee says of an address."""
        with tempfile.TemporaryDirectory(prefix="links-") as folder:
            page = Path(folder, "link.html")
            page.write_text(f'<a href="{html.escape(address)}">link</a>', encoding="utf-8")
            process = await asyncio.create_subprocess_exec(
                *self.command,
                *("--format", "json", "--verbose", "--no-progress", "--threads", "1"),
                *("--include", ".", "--include-fragments", "--max-retries", "0"),
                *("--timeout", str(round(limit)), "--max-redirects", str(redirects)),
                *("--user-agent", self.agent, "--cookie-jar", f"{folder}/cookies"),
                *(part for name, value in HEADERS.items() for part in ("-H", f"{name}: {value}")),
                page,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                # Nothing that it might take for its settings, no token.
                cwd=folder,
                env={name: os.environ[name] for name in PASSED if name in os.environ},
            )
            try:
                async with asyncio.timeout(limit + 5):
                    said, complaint = await process.communicate()
            except TimeoutError:
                return Answer(None, "did not answer in time")
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if b"memory allocation" in complaint:
            return Answer(None, "is too large", lacks_anchor=True)
        with contextlib.suppress(KeyError, ValueError):
            return understood(json.loads(said))
        # It has no report of what it cannot follow, as a redirect to a script.
        first = complaint.decode(errors="replace").partition("\n")[0].partition(" | ")
        return Answer(None, (first[2] or first[0] or "could not be asked").partition(" | ")[0])

    async def _look(
        self, address: str, answer: Answer, connector: aiohttp.BaseConnector, limit: float
    ) -> Answer:
        """Return an answer with what the page says, or with why there is none."""
        body = bytearray()
        try:
            async with (
                # Where lychee gets, nothing need be mended.
                self._session(connector, requote_redirect_url=answer.code not in GOOD) as session,
                # Asked as it is written: quoted otherwise, some servers do not know it.
                session.get(
                    yarl.URL(address, encoded=True),
                    max_redirects=REDIRECTS,
                    timeout=aiohttp.ClientTimeout(limit),
                ) as response,
            ):
                code, kind = response.status, response.headers.get("Content-Type")
                # lychee leaves out the anchors of redirects.
                steps = [*response.history, response]
                hops = tuple((step.status, str(there.real_url)) for step, there in pairwise(steps))
                answer = replace(
                    answer, code=code, why=f"{code} {response.reason}", hops=hops or answer.hops
                )
                # What came before a fault is what a browser shows, too.
                with contextlib.suppress(TimeoutError, aiohttp.ClientError):
                    async for chunk in response.content.iter_any():
                        body += chunk
                        if len(body) > MOST:
                            break
        except aiohttp.ClientResponseError as error:
            # What troubles the library troubles no browser, but for a page that cannot be read.
            return (
                answer
                if "chunk" not in error.message.lower()
                else Answer(None, "sends what is no page")
            )
        # Some redirects lead to what is no address.
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            if CERTIFICATE.search(str(error)):
                return Answer(496, "496, as it asks for a client certificate")
            return answer if answer.code is None else Answer(None, told(error))
        anchor = urlsplit(address).fragment
        page = await asyncio.to_thread(read_page, bytes(body[:MOST]), kind, anchor)
        # GitHub writes its anchors so, and has a script find them.
        return replace(answer, page=page, lacks_anchor=answer.lacks_anchor and not page.has_anchor)


def understood(report: dict) -> Answer:
    """Return what lychee's report says of the one address that it is about.

    Raises:
        KeyError: it is about none.
    """
    maps = ("success_map", "error_map", "timeout_map", "excluded_map")
    found = [one for name in maps for input in report[name].values() for one in input]
    if not found:
        raise KeyError("no address")
    status = found[0]["status"]
    hops = found[0].get("redirects", {}).get("redirects", [])
    # Behind the reason, lychee repeats the address.
    why = status.get("details") or status["text"]
    return Answer(
        status.get("code"),
        why.removeprefix("Rejected status code: ").partition(" (error sending")[0],
        tuple((hop["code"], hop["url"]) for hop in hops),
        "fragment" in why,
    )


def usual(answers: list[Answer]) -> Answer:
    """Return what an address mostly answered: some other fault may have come in between.

    Of as many refusals as failures, the failures count: refusals alone would hide them.
    """
    codes = [answer.code for answer in answers]
    return answers[
        codes.index(max(codes, key=lambda code: (codes.count(code), code not in REFUSED)))
    ]


def told(error: Exception) -> str:
    """Return what an error of the connection says, in words."""
    return "sends no page in time" if isinstance(error, TimeoutError) else str(error)
