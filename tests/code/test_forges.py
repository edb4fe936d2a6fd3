"""What both forges run on a change is valid and the same, and needs no edit in a fork."""

import re
import shlex
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

from copies import ROOT
from settings import VARIABLE

FILES = {
    ".gitlab-ci.yml": "gitlab-ci",
    ".github/workflows/pages.yml": "github-workflows",
    ".github/workflows/scheduled.yml": "github-workflows",
}
GITLAB, PAGES, SCHEDULED = (
    YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8")) for name in FILES
)
GITLAB_JOBS = {name: job for name, job in GITLAB.items() if "script" in job}
ON_DEFAULT_BRANCH = "github.ref_name == github.event.repository.default_branch"

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
    """Return the commands of a job of GitLab, those before each job included."""
    script = GITLAB_JOBS[name]["script"]
    return GITLAB["default"]["before_script"] + ([script] if isinstance(script, str) else script)


def github_commands(workflow: dict) -> list[str]:
    """Return the commands of a workflow of GitHub."""
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    return [line for step in steps for line in step.get("run", "").splitlines()]


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


@pytest.mark.parametrize("forge", CHANGE_COMMANDS)
def test_change_runs_plain_commands(forge):
    """On a change, a forge installs packages and calls make, nothing of its own, no long tests."""
    targets = set(re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.M))
    called = []
    for line in CHANGE_COMMANDS[forge]:
        assert not re.search(r"[;|<>`\\]|&&|\$\(", line), f"more than one command: {line}"
        words = shlex.split(line)
        assert words[0] in ("apt-get", "make") or words[:2] == ["git", "config"], line
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
    ]:
        once = dict.fromkeys(line.removesuffix(" OUT=public") for line in gitlab)
        assert list(once) == [line for line in github if not line.startswith("git config")]
    assert GITLAB["default"]["image"] == PAGES["jobs"]["check"]["container"] == "debian:12"
    assert not {"image"} & (GITLAB_JOBS["check"].keys() | GITLAB_JOBS["pages"].keys())
    assert gitlab_commands("newer")[-2:] == ["make programs", "make test EXTENDED=1"]
    assert GITLAB_JOBS["newer"]["image"] == SCHEDULED["jobs"]["newer"]["container"]["image"]


def test_forges_get_the_whole_history():
    """Each clone has the whole history; on GitHub, git is there before it and trusts it."""
    assert GITLAB["variables"]["GIT_DEPTH"] == 0
    for job in (PAGES["jobs"]["check"], SCHEDULED["jobs"]["newer"]):
        steps = [step.get("run") or step["uses"] for step in job["steps"]]
        clone = next(i for i, step in enumerate(steps) if step.startswith("actions/checkout@"))
        assert job["steps"][clone]["with"] == {"fetch-depth": 0}
        assert " git " in steps[clone - 1]
        assert steps[clone + 1] == 'git config --global --add safe.directory "$GITHUB_WORKSPACE"'


def test_only_the_default_branch_is_published():
    """GitHub publishes the default branch only, where Pages is on, by a job that runs no code."""
    *checks, _, site, upload = PAGES["jobs"]["check"]["steps"]
    assert (site["run"], site["if"]) == ("make site", ON_DEFAULT_BRANCH)
    assert upload["uses"].startswith("actions/upload-pages-artifact@")
    assert (upload["if"], upload["with"]) == (ON_DEFAULT_BRANCH, {"path": "build/html"})
    assert not any("if" in step for step in checks)
    publish = PAGES["jobs"]["publish"]
    assert publish["needs"] == "check"
    assert publish["if"] == f"{ON_DEFAULT_BRANCH} && github.event.repository.has_pages"
    assert [step.get("run") for step in publish["steps"]] == [None]
    for holder in (PAGES, SCHEDULED, PAGES["jobs"]["check"], *SCHEDULED["jobs"].values()):
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
