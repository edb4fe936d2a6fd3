"""The weekly job keeps one issue about the links to see to, and touches no other.

Neither forge can be installed here. A server on this machine keeps issues, and takes and
gives what the vendors document for the few requests that there are:

https://docs.github.com/en/rest/issues/issues
https://docs.gitlab.com/api/issues/
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

import links_issue
from copies import ROOT

TOKEN = "token-that-nobody-sees"
DEAD = "<!-- links: 2 -->\n# Links\n\n- `https://example.org/é` is dead\n"
WELL = "<!-- links: 0 -->\n# Links\n\nAll is well.\n"
FORGES = ("GitHub", "GitLab")


@dataclass
class Issue:
    """An issue, as a forge keeps it."""

    number: int
    title: str
    text: str
    labels: list[str]
    state: str = "open"
    is_pull_request: bool = False

    def shown(self, github: bool) -> dict:
        """Return it as a forge shows it, as far as anybody looks."""
        address = f"https://forge.example.org/{self.number}"
        if not github:
            return {
                "iid": self.number,
                "title": self.title,
                "description": self.text,
                "labels": self.labels,
                "state": self.state.replace("open", "opened"),
                "web_url": address,
            }
        return {
            "number": self.number,
            "title": self.title,
            "body": self.text,
            "labels": [{"id": 1, "name": name} for name in self.labels],
            "state": self.state,
            "html_url": address,
            **({"pull_request": {"url": address}} if self.is_pull_request else {}),
        }


class Forge(ThreadingHTTPServer):
    """A forge, and what it was asked.

    Attributes:
        github: whether it is GitHub; otherwise, it is GitLab.
        kept: its issues.
        asked: the methods of the requests.
        failing: by a method, what to do instead: a status, ``slow`` or ``drop``; in turn, the
            last for ever.
        drops_labels: whether it ignores the labels of new issues, as GitHub may.
    """

    daemon_threads = True

    def __init__(self, name: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.github = name == "GitHub"
        self.kept: list[Issue] = []
        self.asked: list[str] = []
        self.failing: dict[str, list[int | str | None]] = {}
        self.drops_labels = False
        here = f"http://127.0.0.1:{self.server_port}/api"
        self.environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": here,
            "GITHUB_REPOSITORY": "lab/guide",
            "GITHUB_TOKEN": TOKEN,
        }
        if not self.github:
            self.environment = {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": here,
                "CI_PROJECT_ID": "7",
                "LINKS_TOKEN": TOKEN,
            }

    def add(self, title: str, text: str, *labels: str, **more) -> Issue:
        """Add an issue, and return it."""
        self.kept.append(Issue(len(self.kept) + 1, title, text, list(labels), **more))
        return self.kept[-1]

    def changes(self) -> list[str]:
        """Return the methods of the requests that were to change something."""
        return [method for method in self.asked if method != "GET"]

    def states(self) -> list[str]:
        """Return whether each issue is open or closed."""
        return [issue.state for issue in self.kept]


class Handler(BaseHTTPRequestHandler):
    """Answer as the forge does, if it is asked as its pages say."""

    server: Forge

    def log_message(self, *arguments) -> None:
        """Print nothing."""

    def answer(self, status: int, held: list | dict | None = None) -> None:
        """Send an answer in JSON."""
        body = json.dumps({"message": f"No: {status}"} if held is None else held).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def handle_request(self) -> None:
        """Do what is asked, unless it is refused or something fails."""
        forge, method, address = self.server, self.command, urlsplit(self.path)
        forge.asked.append(method)
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
        turns = forge.failing.get(method, [None])
        failing = turns.pop(0) if len(turns) > 1 else turns[0]
        issues = "/api/repos/lab/guide/issues" if forge.github else "/api/projects/7/issues"
        _, _, number = address.path.partition(f"{issues}/")
        token = self.headers["Authorization" if forge.github else "PRIVATE-TOKEN"]
        if failing == "slow":
            time.sleep(3)
        elif failing == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif failing:
            self.answer(failing)
        elif token != (f"Bearer {TOKEN}" if forge.github else TOKEN):
            self.answer(401)
        elif (method, address.path) == ("GET", issues):
            self.answer(200, self.listed(**dict(parse_qsl(address.query))))
        elif (method, address.path) == ("POST", issues):
            self.answer(201, self.opened(sent))
        elif method == ("PATCH" if forge.github else "PUT") and number:
            self.answer(200, self.changed(forge.kept[int(number) - 1], sent))
        else:
            self.answer(404)

    do_GET = do_POST = do_PATCH = do_PUT = handle_request

    def listed(self, labels: str, state: str, per_page: str, page: str) -> list[dict]:
        """Return a page of the issues that have a label, the newest first."""
        found = [issue for issue in self.server.kept if labels in issue.labels]
        assert state == "all"
        first = int(per_page) * (int(page) - 1)
        part = found[::-1][first : first + min(int(per_page), 100)]
        return [issue.shown(self.server.github) for issue in part]

    def opened(self, sent: dict) -> dict:
        """Open an issue, and return it."""
        github = self.server.github
        labels = sent["labels"] if github else sent["labels"].split(",")
        text = sent["body" if github else "description"]
        issue = self.server.add(sent["title"], text, *labels)
        if self.server.drops_labels:
            issue.labels.clear()
        return issue.shown(github)

    def changed(self, issue: Issue, sent: dict) -> dict:
        """Change an issue, and return it."""
        github = self.server.github
        events = {None: issue.state, "reopen": "open", "close": "closed"}
        issue.state = sent.get("state", issue.state) if github else events[sent.get("state_event")]
        issue.text = sent.get("body" if github else "description", issue.text)
        return issue.shown(github)


@contextlib.contextmanager
def serving(name: str) -> Iterator[Forge]:
    """Run a forge."""
    with Forge(name) as forge:
        thread = threading.Thread(target=forge.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield forge
        finally:
            forge.shutdown()
            thread.join()


@pytest.fixture(params=FORGES)
def forge(request) -> Iterator[Forge]:
    """Each forge in turn."""
    with serving(request.param) as forge:
        yield forge


@pytest.fixture
def job(tmp_path, capsys, monkeypatch):
    """What runs the step of the job on a forge, and returns all that it says."""
    # As with a forge, but sooner.
    monkeypatch.setattr(links_issue, "SECONDS", (0.2, 0.2))
    monkeypatch.setattr(links_issue, "AGAIN", links_issue.AGAIN.new(backoff_factor=0))
    path = tmp_path / "links.md"

    def run(forge: Forge, report: str | None, **environment: str | None) -> str:
        path.unlink(missing_ok=True)
        if report is not None:
            path.write_bytes(report.encode(errors="surrogateescape"))
        all_variables = forge.environment | environment
        variables = {name: value for name, value in all_variables.items() if value is not None}
        try:
            links_issue.main(variables, path)
        except SystemExit as stopped:
            said = f"failed: {stopped.code}"
        else:
            said = capsys.readouterr().out
        assert TOKEN not in said
        assert "Traceback" not in said
        return said.strip()

    return run


def test_issue_is_opened_updated_left_alone_closed_and_reopened(forge, job):
    """There is one issue, through good and bad weeks; nothing is sent when nothing is new."""
    assert job(forge, WELL) == "All is well with the links."
    assert forge.kept == []
    assert job(forge, DEAD) == "Opened https://forge.example.org/1."
    assert [(issue.title, issue.labels) for issue in forge.kept] == [(links_issue.TITLE, ["links"])]
    assert forge.kept[0].text.startswith(DEAD)
    assert forge.changes() == ["POST"]
    assert job(forge, DEAD) == "Nothing new for https://forge.example.org/1."
    assert forge.changes() == ["POST"]
    assert "Brought up to date https" in job(forge, DEAD.replace("dead", "moved"))
    assert "is moved" in forge.kept[0].text
    assert "Closed https://forge.example.org/1." in job(forge, WELL)
    assert forge.states() == ["closed"]
    # What it was about can still be read.
    assert "is moved" in forge.kept[0].text
    before = forge.changes()
    assert job(forge, WELL) == "All is well with the links."
    assert forge.changes() == before
    assert job(forge, DEAD) == "Reopened https://forge.example.org/1."
    assert forge.states() == ["open"]
    assert "is dead" in forge.kept[0].text


def test_people_may_rename_the_issue(forge, job):
    """Another title, another label beside ours, or other ends of lines change nothing."""
    job(forge, DEAD)
    issue = forge.kept[0]
    issue.title, issue.labels = "Liens", ["links", "to do"]
    issue.text = issue.text.replace("\n", "\r\n") + "\r\n"
    assert job(forge, DEAD).startswith("Nothing new")
    assert job(forge, WELL).startswith("Closed")
    assert (issue.title, issue.state, issue.labels) == ("Liens", "closed", ["links", "to do"])


def test_issues_of_others_are_left_alone(forge, job):
    """Neither the title nor the label makes an issue ours, nor does the first line alone."""
    forge.add(links_issue.TITLE, "The page about links is hard to read", "links")
    forge.add(links_issue.TITLE, DEAD)
    forge.add("Add links", "", "links")
    if forge.github:
        forge.add("Mend a link", DEAD, "links", is_pull_request=True)
    others = [(issue.text, issue.state) for issue in forge.kept]
    for report in (DEAD, DEAD.replace("dead", "moved"), WELL, WELL):
        job(forge, report)
    assert [(issue.text, issue.state) for issue in forge.kept][: len(others)] == others
    assert len(forge.kept) == len(others) + 1


def test_issue_is_found_behind_many(forge, job):
    """The forge shows a hundred issues a page; ours is on the third."""
    forge.add("Links", DEAD, "links")
    for number in range(230):
        forge.add(f"Link {number}", "It is hard to find", "links")
    assert job(forge, DEAD).startswith("Brought up to date https://forge.example.org/1.")
    assert forge.asked[:3] == ["GET"] * 3


def test_second_issue_is_closed(forge, job):
    """Where there are two, the first stays; of closed ones, the last is reopened."""
    for state in ("closed", "open", "open"):
        forge.add("Links", DEAD, "links", state=state)
    said = job(forge, DEAD)
    assert said.splitlines()[0] == "Closed https://forge.example.org/3."
    assert forge.states() == ["closed", "open", "closed"]
    job(forge, WELL)
    assert job(forge, DEAD) == "Reopened https://forge.example.org/3."


def test_long_text_is_cut(forge, job):
    """The text is no longer than GitHub takes, ends with whole lines, and says so."""
    job(forge, DEAD + "- `https://example.org/page` is dead\n" * 5000)
    text = forge.kept[0].text
    assert len(text) < 65_536
    assert "page` is dead\n\n… and more" in text


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (301, "run the job again"),
        (401, "_TOKEN is wrong, or has expired"),
        (403, "needs the"),
        (404, "_TOKEN is not for this"),
        (422, "run the job again"),
        (429, "run the job again"),
        (500, "run the job again"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refusal_is_told(forge, job, method, status, advice):
    """What the forge answers is told in a sentence, with what to do."""
    forge.failing[method] = [status]
    said = job(forge, DEAD)
    assert said.startswith("failed: Git")
    assert f"“{status} No: {status}”" in said
    assert advice in said
    assert forge.kept == []
    # What fails for a moment is asked again, but no issue is opened twice.
    assert forge.asked.count(method) == (4 if (method, status) == ("GET", 500) else 1)


def test_issues_may_be_switched_off(job):
    """GitHub says 410 then, as in a fork."""
    with serving("GitHub") as forge:
        forge.failing["POST"] = [410]
        assert job(forge, DEAD).endswith("switched off: Settings, General, Features.")


def test_failure_of_a_moment_is_none(forge, job):
    """A request that changes nothing twice is sent again."""
    job(forge, DEAD)
    forge.failing = {method: [502, "drop", 503, None] for method in ("GET", "PATCH", "PUT")}
    assert job(forge, DEAD.replace("dead", "moved")).startswith("Brought up to date")


@pytest.mark.parametrize(
    ("failing", "told"), [("slow", "(Read timed out. (read timeout=0.2))"), ("drop", "closed")]
)
def test_silence_is_told(forge, job, failing, told):
    """A forge that does not answer in time, or hangs up, is not waited for."""
    forge.failing["POST"] = [failing]
    before = time.monotonic()
    said = job(forge, DEAD)
    assert time.monotonic() - before < 2
    assert said.startswith("failed: Git")
    assert "does not answer (" in said
    assert told in said
    assert forge.asked.count("POST") == 1


def test_absence_is_told(forge, job):
    """A forge that is down is told with the reason."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        here = f"http://127.0.0.1:{unused.getsockname()[1]}"
        said = job(forge, DEAD, GITHUB_API_URL=here, CI_API_V4_URL=here)
    assert said.endswith("Connection refused): run the job again.")


def test_label_that_is_dropped_is_told(forge, job):
    """Without its label, the issue would be opened again each week."""
    forge.drops_labels = True
    said = job(forge, DEAD)
    assert said.endswith("left the label links out: add it to https://forge.example.org/1.")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (None, "cannot be read (No such file or directory): see what make links says."),
        ("\udcff", "cannot be read (it is no UTF-8)"),
        ("", "begins with no <!-- links: NUMBER -->"),
        ("# Links\n<!-- links: 1 -->\n", "begins with no <!-- links: NUMBER -->"),
        ("<!-- links: many -->\n", "begins with no <!-- links: NUMBER -->"),
    ],
    ids=["missing", "bytes", "empty", "second line", "no number"],
)
def test_report_that_is_no_report_is_told(forge, job, report, told):
    """Without a report, nobody knows whether all is well: the issue stays as it is."""
    said = job(forge, report)
    assert said.startswith("failed: build/links.md ")
    assert told in said
    assert forge.asked == []


@pytest.mark.parametrize("token", ["", " ", f"{TOKEN}\r\nX-More: 1", f"{TOKEN}é"])
def test_token_that_is_none_is_told(forge, job, token):
    """A token that cannot be one is not sent, and not shown."""
    name = "GITHUB_TOKEN" if forge.github else "LINKS_TOKEN"
    said = job(forge, DEAD, **{name: token})
    if token == "" and not forge.github:
        assert said == f"{DEAD}\nLINKS_TOKEN is not set: there is no issue about this."
    else:
        assert said == f"failed: {name} is missing, or holds what no token holds."
    assert forge.asked == []


def test_wrong_token_is_told(forge, job):
    """A token that the forge does not take is not shown either."""
    forge.environment |= dict.fromkeys(("GITHUB_TOKEN", "LINKS_TOKEN"), "wrong-token")
    said = job(forge, DEAD)
    assert "wrong, or has expired" in said
    assert "wrong-token" not in said


def test_variables_that_are_missing_are_told(forge, job):
    """Without a forge, or without its variables, a sentence says so."""
    name = "GITHUB_REPOSITORY" if forge.github else "CI_PROJECT_ID"
    assert name in job(forge, DEAD, **{name: None})
    said = job(forge, DEAD, GITHUB_ACTIONS=None, GITLAB_CI=None)
    assert said == "failed: Neither GitHub nor GitLab runs this: read build/links.md instead."


def test_command_tells_and_fails(tmp_path):
    """The command of the job reads the report of its own folder, and ends as it should."""
    copy = tmp_path / "tools" / "links_issue.py"
    copy.parent.mkdir()
    copy.write_bytes((ROOT / "tools/links_issue.py").read_bytes())
    report: Path = tmp_path / "build/links.md"
    with serving("GitHub") as forge:
        for text, code in ((None, 1), (DEAD, 0)):
            if text:
                report.parent.mkdir()
                report.write_text(text, encoding="utf-8")
            command, environment = [sys.executable, copy], os.environ | forge.environment
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert done.returncode == code, done.stderr
            assert "Traceback" not in done.stderr
        assert done.stdout == "Opened https://forge.example.org/1.\n"
        assert forge.states() == ["open"]
