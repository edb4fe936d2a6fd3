"""Keep one issue about the links to see to, on the forge that runs this.

    python tools/links_issue.py

The weekly job runs it after ``make links``, whose ``build/links.md`` is the text of the
issue. There is one at most: it is opened when there are links to see to, gets a new text
when this differs, without a comment, is closed when all is well, and reopened when it is not.
It is known by its label and its first line, which nobody sees: it may get another title.

GitHub's gh and GitLab's glab speak to one forge each, and Debian 12 has no glab; PyGithub and
python-gitlab are two libraries for the same three requests. Debian has requests, so that
nothing from elsewhere runs beside the token.

https://docs.github.com/en/rest/issues/issues
https://docs.gitlab.com/api/issues/
"""

import itertools
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

REPORT = Path(__file__).resolve().parent.parent / "build" / "links.md"
FIRST_LINE = re.compile(r"<!-- links: (\d+) -->\s")
LABEL = "links"
TITLE = "Some links need somebody to look at them"
FOOT = (
    "The weekly job writes this text anew when something changes, and closes the issue when all "
    f"is well. It knows the issue by its label `{LABEL}` and by its first line, which is hidden."
)
# GitHub takes 65,536 characters, GitLab more.
LONGEST = 60_000
LEFT_OUT = "\n\n… and more: the log of the job has them all."
# To connect, and to wait for the next part of an answer.
SECONDS = (10, 30)
# After 0, 10 and 20 seconds. What may have opened an issue is not sent again.
AGAIN = Retry(
    total=3,
    backoff_factor=5,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("GET", "PATCH", "PUT"),
    respect_retry_after_header=False,
    raise_on_status=False,
)


class Failure(Exception):
    """The issue could not be seen to; the message says why, and what to do."""


class Words(NamedTuple):
    """What a forge calls things.

    Attributes:
        name: that of the forge.
        issues: the address of the issues, made from variables that the forge sets.
        token: the variable that holds the token.
        headers: what is sent with each request.
        change: the method that changes an issue.
        label: our label, as a new issue gets it.
        number: the key of the number of an issue.
        text: the key of its text.
        address: the key of the address where people read it.
        reopen: what reopens it.
        close: what closes it.
        advice: what to do about a refusal, by its status.
    """

    name: str
    issues: str
    token: str
    headers: dict[str, str]
    change: str
    label: str | list[str]
    number: str
    text: str
    address: str
    reopen: dict[str, str]
    close: dict[str, str]
    advice: dict[int, str]


# By the variable that says which forge it is.
FORGES = {
    "GITHUB_ACTIONS": Words(
        name="GitHub",
        issues="{GITHUB_API_URL}/repos/{GITHUB_REPOSITORY}/issues",
        token="GITHUB_TOKEN",
        headers={"Authorization": "Bearer {}", "X-GitHub-Api-Version": "2022-11-28"},
        change="PATCH",
        label=[LABEL],
        number="number",
        text="body",
        address="html_url",
        reopen={"state": "open"},
        close={"state": "closed"},
        advice={
            401: "GITHUB_TOKEN is wrong, or has expired",
            403: "the job needs the permission issues: write",
            404: "GITHUB_TOKEN is not for this repository",
            410: "issues are switched off: Settings, General, Features",
        },
    ),
    "GITLAB_CI": Words(
        name="GitLab",
        issues="{CI_API_V4_URL}/projects/{CI_PROJECT_ID}/issues",
        token="LINKS_TOKEN",
        headers={"PRIVATE-TOKEN": "{}"},
        change="PUT",
        label=LABEL,
        number="iid",
        text="description",
        address="web_url",
        reopen={"state_event": "reopen"},
        close={"state_event": "close"},
        advice={
            401: "LINKS_TOKEN is wrong, or has expired: make another one",
            403: "LINKS_TOKEN needs the scope api and the role Reporter",
            404: "LINKS_TOKEN is not for this project, or its issues are switched off",
        },
    ),
}


class Forge:
    """The issues of the project, on the forge that runs this."""

    def __init__(self, environment: Mapping[str, str]):
        """Find out which forge it is.

        Args:
            environment: the variables that the forge sets.

        Raises:
            Failure: there is none, or no token.
        """
        words = next((FORGES[name] for name in FORGES if environment.get(name)), None)
        if not words:
            raise Failure("Neither GitHub nor GitLab runs this: read build/links.md instead")
        token = environment.get(words.token, "").strip()
        # What requests would refuse to send, it would also print.
        if not re.fullmatch(r"[!-~]+", token):
            raise Failure(f"{words.token} is missing, or holds what no token holds")
        self.words, self.issues = words, words.issues.format_map(environment)
        self.headers = {name: value.format(token) for name, value in words.headers.items()}
        self.session = requests.Session()
        # As an authentication, they are not replaced by what a file .netrc has.
        self.session.auth = self.add_headers
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=AGAIN))

    def add_headers(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token, and what else the forge wants, to a request."""
        request.headers.update(self.headers)
        return request

    def ask(self, method: str, under: str = "", **what) -> list | dict:
        """Send a request about the issues, and return what the answer holds.

        Raises:
            Failure: the forge refuses, or does not answer as it should.
        """
        name = self.words.name
        try:
            # A POST that follows a redirect would become a GET, and open nothing.
            what |= {"timeout": SECONDS, "allow_redirects": False}
            answer = self.session.request(method, self.issues + under, **what)
        except requests.RequestException as error:
            cause = getattr(error.args[0], "reason", error) if error.args else error
            said = str(cause).rpartition(": ")[2]
            raise Failure(f"{name} does not answer ({said}): run the job again") from None
        try:
            held = answer.json()
        except ValueError:
            held = None
        if 200 <= answer.status_code < 300 and isinstance(held, list | dict):
            return held
        more = held.get("message") or held.get("error") if isinstance(held, dict) else None
        said = " ".join(f"{answer.status_code} {more or answer.reason}".split())[:200]
        advice = self.words.advice.get(answer.status_code, "run the job again")
        raise Failure(f"{name} answers “{said}”: {advice}")

    def labelled(self) -> Iterator[dict]:
        """Yield all that has our label: open or closed, ours or not."""
        for page in itertools.count(1):
            wanted = {"labels": LABEL, "state": "all", "per_page": 100, "page": page}
            held = self.ask("GET", params=wanted)
            yield from held
            if len(held) < 100:
                return

    def ours(self) -> list[dict]:
        """Return our issues, the oldest first."""
        words = self.words
        # To GitHub, a pull request is an issue.
        issues = [held for held in self.labelled() if "pull_request" not in held]
        ours = [held for held in issues if FIRST_LINE.match(held[words.text] or "")]
        return sorted(ours, key=lambda held: held[words.number])

    def change(self, issue: dict, what: dict[str, str]) -> str:
        """Change an issue, and return its address."""
        self.ask(self.words.change, f"/{issue[self.words.number]}", json=what)
        return issue[self.words.address]

    def open(self, text: str) -> str:
        """Open an issue, and return its address.

        Raises:
            Failure: it has got no label, so that it would not be found again.
        """
        words = self.words
        issue = self.ask("POST", json={"title": TITLE, words.text: text, "labels": words.label})
        address = issue[words.address]
        names = [one if isinstance(one, str) else one["name"] for one in issue["labels"]]
        if LABEL not in names:
            raise Failure(f"{words.name} has left the label {LABEL} out: add it to {address}")
        return address

    def settle(self, links: int, text: str) -> Iterator[str]:
        """Bring the issue up to date, and yield what was done, in sentences.

        Args:
            links: how many links there are to see to.
            text: the text that the issue should have, in Markdown.
        """
        words, ours = self.words, self.ours()
        opened = [issue for issue in ours if issue["state"] != "closed"]
        kept = (opened[:1] or ours[-1:] or [None])[0] if links else None
        for issue in opened:
            if issue is not kept:
                yield f"Closed {self.change(issue, words.close)}"
        if not links:
            yield "All is well with the links"
        elif not kept:
            yield f"Opened {self.open(text)}"
        elif kept not in opened:
            yield f"Reopened {self.change(kept, {words.text: text, **words.reopen})}"
        # Who edits in a browser sends other ends of lines.
        elif kept[words.text].split() != text.split():
            yield f"Brought up to date {self.change(kept, {words.text: text})}"
        else:
            yield f"Nothing new for {kept[words.address]}"


def read_report(path: Path) -> tuple[int, str]:
    """Return how many links there are to see to, and what there is to say of them.

    Raises:
        Failure: the file is missing, or is another one.
    """
    try:
        report = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8"
        raise Failure(f"build/links.md cannot be read ({why}): see what make links says") from None
    first = FIRST_LINE.match(report)
    if not first:
        raise Failure("build/links.md begins with no <!-- links: NUMBER -->: run make links again")
    if len(report) > LONGEST:
        report = report[:LONGEST].rpartition("\n")[0] + LEFT_OUT
    return int(first[1]), report.rstrip()


def main(environment: Mapping[str, str], path: Path) -> None:
    """Bring the issue up to date, and print what was done.

    Args:
        environment: the variables that the forge sets.
        path: what ``make links`` has written.

    Raises:
        SystemExit: it could not be done; says in a sentence why.
    """
    try:
        links, report = read_report(path)
        if environment.get("GITLAB_CI") and not environment.get("LINKS_TOKEN"):
            print(f"{report}\n\nLINKS_TOKEN is not set: there is no issue about this.")
            return
        for done in Forge(environment).settle(links, f"{report}\n\n{FOOT}\n"):
            print(f"{done}.", flush=True)
    except Failure as failure:
        sys.exit(f"{failure}.")
    except (KeyError, TypeError, AttributeError) as error:
        sys.exit(f"What the forge sets or answers is not as documented: {error!r}.")


if __name__ == "__main__":
    main(os.environ, REPORT)
