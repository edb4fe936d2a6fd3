"""What both forges run on a change is valid and the same, and needs no edit in a fork."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from copies import ROOT
from forks import commit, git
from settings import VARIABLE

FILES = {
    ".gitlab-ci.yml": "gitlab-ci",
    ".github/workflows/pages.yml": "github-workflows",
    ".github/workflows/scheduled.yml": "github-workflows",
    ".github/workflows/links.yml": "github-workflows",
}
GITLAB, PAGES, SCHEDULED, LINKS = (
    YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8")) for name in FILES
)
GITLAB_JOBS = {name: job for name, job in GITLAB.items() if "script" in job}
ON_DEFAULT_BRANCH = "github.ref_name == github.event.repository.default_branch"
# Where links.yml runs: upstream, and in a fork that asks for it.
WHERE_WANTED = "!github.event.repository.fork || vars.LINKS == 'yes'"
SEEN = "build/links-seen.json"
REPORTS = ["build/links.md", "build/links.patch", SEEN]

# What each pipeline of GitLab knows, and the jobs that it runs.
PIPELINES = {
    "branch": ({"CI_COMMIT_BRANCH": "topic"}, {"check"}),
    "branch in a merge request": (
        {"CI_COMMIT_BRANCH": "topic", "CI_OPEN_MERGE_REQUESTS": "guide!1"},
        set(),
    ),
    "merge request": (
        {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "1",
            "CI_OPEN_MERGE_REQUESTS": "guide!1",
        },
        {"check"},
    ),
    "default branch": ({"CI_COMMIT_BRANCH": "main"}, {"check", "pages"}),
    "default branch in a merge request": (
        {"CI_COMMIT_BRANCH": "main", "CI_OPEN_MERGE_REQUESTS": "guide!1"},
        {"check", "pages"},
    ),
    "tag": ({"CI_COMMIT_TAG": "1.0"}, set()),
    "schedule": ({"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}, {"newer"}),
    "schedule for links": (
        {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main", "LINKS": "yes"},
        {"links", "links-issue"},
    ),
    "change where the project has the variable": (
        {"CI_COMMIT_BRANCH": "main", "LINKS": "yes"},
        {"check", "pages"},
    ),
}


def admits(rules: list[dict], variables: dict[str, str]) -> bool:
    """Tell whether the first rule that holds admits what it is about, as GitLab does."""
    for rule in rules:
        condition = re.sub(r"\$(\w+)", r"variables.get('\1')", rule["if"])
        condition = condition.replace("&&", " and ").replace("||", " or ")
        if eval(condition, {"variables": variables}):
            return rule.get("when") != "never"
    return False


def gitlab_commands(name: str) -> list[str]:
    """Return the commands of a job of GitLab, those before it included."""
    job = GITLAB["default"] | GITLAB_JOBS[name]
    script = job["script"]
    return job["before_script"] + ([script] if isinstance(script, str) else script)


def github_commands(workflow: dict, *names: str) -> list[str]:
    """Return the commands of a workflow of GitHub: of all its jobs, or of some."""
    jobs = [job for name, job in workflow["jobs"].items() if name in names or not names]
    steps = [step for job in jobs for step in job["steps"]]
    return [line for step in steps for line in step.get("run", "").splitlines()]


# On GitHub, this job keeps what was seen, too, with git.
TELLING = [
    line.replace(" git ", " ")
    for step in LINKS["jobs"]["tell"]["steps"]
    if step.get("id") != "keep"
    for line in step.get("run", "").splitlines()
]
CHANGE_COMMANDS = {
    "GitLab": [*gitlab_commands("check"), *gitlab_commands("pages")],
    "GitHub": github_commands(PAGES),
}


@pytest.mark.parametrize("name", FILES)
def test_forge_accepts_its_file(name):
    """The file fits the schema of its forge, which comes with check-jsonschema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    done = subprocess.run(
        [*command, f"vendor.{FILES[name]}", ROOT / name], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FILES)
def test_file_speaks_to_forks(name):
    """The first two lines say that a fork needs no edit."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()[:2]
    assert "A fork needs no edit" in " ".join(line.removeprefix("# ") for line in lines)


@pytest.mark.parametrize("name", PIPELINES)
def test_gitlab_pipeline_runs_its_jobs(name):
    """Each pipeline of GitLab runs its own jobs: a change none of the schedule, or vice versa."""
    variables, jobs = PIPELINES[name]
    variables = {"CI_PIPELINE_SOURCE": "push", "CI_DEFAULT_BRANCH": "main"} | variables
    admitted = {name for name, job in GITLAB_JOBS.items() if admits(job["rules"], variables)}
    assert (admitted if admits(GITLAB["workflow"]["rules"], variables) else set()) == jobs


def test_github_keeps_changes_and_schedule_apart():
    """No workflow of GitHub runs both on a change and by schedule, and forks skip the latter."""
    assert PAGES["on"].keys() == {"push", "pull_request", "workflow_dispatch"}
    assert SCHEDULED["on"].keys() == {"schedule", "workflow_dispatch"}
    for job in SCHEDULED["jobs"].values():
        assert job["if"] == "${{ !github.event.repository.fork }}"
    assert LINKS["on"].keys() == {"schedule", "workflow_dispatch"}
    ask, tell = LINKS["jobs"].values()
    assert ask["if"] == f"${{{{ {WHERE_WANTED} }}}}"
    # A job that is skipped is no reason to skip the next.
    assert tell["if"] == (
        f"${{{{ !cancelled() && needs.ask.result != 'skipped' && {ON_DEFAULT_BRANCH} }}}}"
    )
    days = [workflow["on"]["schedule"][0]["cron"].split() for workflow in (SCHEDULED, LINKS)]
    assert all(day[2:4] == ["*", "*"] and day[4].isdigit() for day in days), "not weekly"


@pytest.mark.parametrize("forge", CHANGE_COMMANDS)
def test_change_runs_plain_commands(forge):
    """On a change, a forge installs packages and calls make, nothing of its own, no long tests."""
    targets = set(re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.M))
    called = []
    for line in CHANGE_COMMANDS[forge]:
        assert not re.search(r"[;|<>`\\]|&&|\$\(", line), f"more than one command: {line}"
        words = shlex.split(line)
        assert words[0] in ("apt-get", "make") or words[:2] in (
            ["git", "config"],
            ["git", "restore"],
        ), line
        if words[0] == "make":
            called.append(words[1])
            assert words[2:] in ([], ["OUT=public"]), line
    assert set(called) == {"packages", "check", "site"}
    assert set(called) <= targets


def test_forges_run_the_same():
    """Both forges run the same commands, on a change and by schedule, in the same Debian."""
    for gitlab, github in [
        (CHANGE_COMMANDS["GitLab"], CHANGE_COMMANDS["GitHub"]),
        (gitlab_commands("newer"), github_commands(SCHEDULED)),
        (gitlab_commands("links"), github_commands(LINKS, "ask")),
        (gitlab_commands("links-issue"), TELLING),
    ]:
        once = dict.fromkeys(line.removesuffix(" OUT=public") for line in gitlab)
        assert list(once) == [line for line in github if not re.match("git |cat ", line)]
    assert GITLAB["default"]["image"] == PAGES["jobs"]["check"]["container"] == "debian:12"
    assert {job["container"] for job in LINKS["jobs"].values()} == {"debian:12"}
    assert {name for name, job in GITLAB_JOBS.items() if "image" in job} == {"newer"}
    assert gitlab_commands("newer")[-2:] == ["make programs", "make test EXTENDED=1"]
    assert GITLAB_JOBS["newer"]["image"] == SCHEDULED["jobs"]["newer"]["container"]["image"]


def test_forges_get_the_whole_history():
    """Each clone has the whole history; on GitHub, git is there before it and trusts it."""
    assert GITLAB["variables"]["GIT_DEPTH"] == 0
    for job in (PAGES["jobs"]["check"], SCHEDULED["jobs"]["newer"], LINKS["jobs"]["ask"]):
        steps = [step.get("run") or step["uses"] for step in job["steps"]]
        clone = next(i for i, step in enumerate(steps) if step.startswith("actions/checkout@"))
        assert job["steps"][clone]["with"]["fetch-depth"] == 0
        assert " git " in steps[clone - 1]
        assert steps[clone + 1] == 'git config --global --add safe.directory "$GITHUB_WORKSPACE"'


def test_only_the_default_branch_is_published():
    """GitHub publishes the default branch only, where Pages is on, by a job that runs no code."""
    *checks, _, _, site, upload = PAGES["jobs"]["check"]["steps"]
    assert (site["run"], site["if"]) == ("make site", ON_DEFAULT_BRANCH)
    assert upload["uses"].startswith("actions/upload-pages-artifact@")
    assert (upload["if"], upload["with"]) == (ON_DEFAULT_BRANCH, {"path": "build/html"})
    assert not any("if" in step for step in checks)
    publish = PAGES["jobs"]["publish"]
    assert publish["needs"] == "check"
    assert publish["if"] == f"{ON_DEFAULT_BRANCH} && github.event.repository.has_pages"
    assert [step.get("run") for step in publish["steps"]] == [None]
    for holder in (PAGES, SCHEDULED, LINKS, PAGES["jobs"]["check"], *SCHEDULED["jobs"].values()):
        assert {"read"} == set(holder.get("permissions", {"contents": "read"}).values())
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}
    assert GITLAB_JOBS["pages"]["artifacts"] == {"paths": ["public"]}


def test_forges_tell_the_address_of_the_site():
    """The build learns where the site will be; where GitHub does not say it, nothing fails."""
    assert GITLAB_JOBS["pages"]["variables"] == {VARIABLE: "$CI_PAGES_URL"}
    *_, address, site, _ = PAGES["jobs"]["check"]["steps"]
    assert address["uses"].startswith("actions/configure-pages@")
    assert address["continue-on-error"]
    assert address["if"] == PAGES["jobs"]["publish"]["if"]
    assert PAGES["jobs"]["check"]["permissions"]["pages"] == "read"
    told = f"${{{{ steps.{address['id']}.outputs.base_url }}}}"
    assert site["env"] == {VARIABLE: told}


def test_nothing_from_elsewhere_runs_with_a_token():
    """The job that asks may write nothing and gets no token; that which tells installs Debian's."""
    ask, tell = LINKS["jobs"].values()
    assert "permissions" not in ask
    assert tell["permissions"] == {"contents": "write", "issues": "write"}
    clone = next(step for step in ask["steps"] if "checkout" in step.get("uses", ""))
    assert clone["with"]["persist-credentials"] is False
    for workflow in (PAGES, SCHEDULED, LINKS):
        for job in workflow["jobs"].values():
            assert "secrets" not in str(job)
            with_token = [step for step in job["steps"] if "token" in str(step).lower()]
            assert with_token == [step for step in job["steps"] if "links_issue" in str(step)]
    assert tell["steps"][-1]["env"] == {"GITHUB_TOKEN": "${{ github.token }}"}
    for commands in (github_commands(LINKS, "tell"), gitlab_commands("links-issue")):
        assert not any(re.search(r"\b(make|pip|npm)\b|TOKEN|token", line) for line in commands)
    # A variable for one environment goes to the jobs of this one only.
    assert {name for name, job in GITLAB_JOBS.items() if "environment" in job} == {"links-issue"}
    assert GITLAB_JOBS["links-issue"]["environment"] == {"name": "links", "action": "access"}


def test_links_are_told_whatever_was_seen():
    """What was seen is kept, shown and told even if a link is dead; no two runs overlap."""
    ask, tell = LINKS["jobs"].values()
    *_, make, summary, upload = ask["steps"]
    assert make == {"run": "make links"}
    assert summary["run"] == 'cat build/links.md >> "$GITHUB_STEP_SUMMARY"'
    assert (summary["if"], upload["if"]) == ("${{ !cancelled() }}", "always()")
    assert upload["uses"].startswith("actions/upload-artifact@")
    assert upload["with"]["path"].split() == REPORTS
    download = next(step for step in tell["steps"] if "download" in step.get("uses", ""))
    assert download["with"] == {"name": upload["with"]["name"], "path": "build"}
    assert tell["needs"] == "ask"
    assert tell["steps"][-1]["if"] == "${{ !cancelled() }}"
    assert all(job["timeout-minutes"] <= 60 for job in LINKS["jobs"].values())
    assert LINKS["concurrency"] == {"group": "links"}
    links, issue, pages = (GITLAB_JOBS[name] for name in ("links", "links-issue", "pages"))
    assert links["artifacts"] == {"when": "always", "paths": REPORTS}
    assert (issue["stage"], [rule["when"] for rule in issue["rules"]]) == ("deploy", ["always"])
    assert links["cache"] == {"key": "links-seen", "paths": [SEEN], "when": "always"}
    assert pages["cache"] == {"key": "links-seen", "paths": [SEEN], "policy": "pull"}
    assert links["timeout"] == "1 hour"
    assert "resource_group" in links


@pytest.fixture
def forge(tmp_path, monkeypatch) -> Path:
    """A repository on a forge, with nobody's settings of git around."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    first = tmp_path / "first"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(first))
    (first / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    commit(first, "Publish the guide")
    git(tmp_path, "clone", "--quiet", "--bare", str(first), "forge.git")
    return tmp_path / "forge.git"


def clone(forge: Path, name: str, *options: str) -> Path:
    """Clone a repository as the checkout of a job does, and return the folder."""
    folder = forge.parent / name
    git(forge.parent, "clone", "--quiet", *options, forge.as_uri(), name)
    return folder


def shell(folder: Path, lines: str) -> subprocess.CompletedProcess:
    """Run lines of a workflow, as GitHub does in a container."""
    return subprocess.run(["sh", "-ec", lines], cwd=folder, capture_output=True, text=True)


def test_what_was_seen_is_kept_on_a_branch_of_its_own(forge):
    """The lines of the workflows keep it from week to week, in one commit, away from main."""
    steps = LINKS["jobs"]["ask"]["steps"]
    restore = steps[steps.index({"run": "make links"}) - 1]["run"]
    keep = next(step["run"] for step in LINKS["jobs"]["tell"]["steps"] if step.get("id") == "keep")
    publish = next(line for line in github_commands(PAGES) if line.startswith("git restore"))
    main = git(forge, "rev-parse", "main")
    for week, before in enumerate([None, "week 0"]):
        ask = clone(forge, f"ask-{week}")
        assert shell(ask, restore).returncode == 0
        seen = ask / SEEN
        assert (seen.read_text() if seen.exists() else None) == before
        assert git(ask, "status", "--porcelain") == ""
        tell = clone(forge, f"tell-{week}", "--depth=1")
        (tell / SEEN).parent.mkdir()
        (tell / SEEN).write_text(f"week {week}")
        (tell / "build/links.md").touch()
        done = shell(tell, keep)
        assert done.returncode == 0, done.stderr
        assert git(forge, "ls-tree", "-r", "--name-only", "links-seen") == f"{SEEN}\n"
        assert git(forge, "rev-list", "--count", "links-seen") == "1\n"
    assert git(forge, "rev-parse", "main") == main
    pages = clone(forge, "pages")
    assert shell(pages, publish).returncode == 0
    assert (pages / SEEN).read_text() == "week 1"
    assert git(pages, "status", "--porcelain") == ""


def test_what_was_not_seen_is_not_kept(forge):
    """Where make links wrote nothing, what there was stays, and the job says so."""
    keep = next(step["run"] for step in LINKS["jobs"]["tell"]["steps"] if step.get("id") == "keep")
    folder = clone(forge, "tell")
    (folder / "build").mkdir()
    assert shell(folder, keep).returncode != 0
    assert git(forge, "branch", "--format=%(refname:short)") == "main\n"


def test_site_is_published_where_nothing_was_seen(forge):
    """The step that fetches what was seen may fail, and is there only where links.yml runs."""
    steps = PAGES["jobs"]["check"]["steps"]
    fetch = next(step for step in steps if step.get("run", "").startswith("git restore"))
    assert fetch["continue-on-error"]
    assert fetch["if"] == f"{ON_DEFAULT_BRANCH} && ({WHERE_WANTED})"
    assert steps.index(fetch) < steps.index(next(s for s in steps if s.get("run") == "make site"))
    folder = clone(forge, "pages")
    assert shell(folder, fetch["run"]).returncode != 0
    assert not (folder / SEEN).exists()
