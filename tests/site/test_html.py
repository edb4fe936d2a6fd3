"""The Nu Html Checker (vnu) finds no fault in the pages, the style sheets and the drawings."""

import json
import subprocess

import pytest

import installed

# In files, 'self' is nobody: what the policy lets in is judged in a browser, in test_policy.
POLICY = r"Resource violates Content Security Policy \(meta tag\): .*"


# One run of Java over all of it: seconds, yet too many for the default set.
@pytest.mark.extended
def test_checker_finds_no_fault(site, npm):
    """No error and no warning; what is said for information is left."""
    installed.needs("keytool")
    command = ["java", "-jar", npm / "vnu-jar" / "build" / "dist" / "vnu.jar"]
    command += ["--stdout", "--format", "json", "--skip-info-messages", "--filterpattern", POLICY]
    command += ["--skip-non-html", "--also-check-css", "--also-check-svg", site]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert not done.stderr
    found = [
        f"{each['url']}:{each.get('lastLine')}: {each['message']}: {each.get('extract')}"
        for each in json.loads(done.stdout)["messages"]
    ]
    assert not found, "\n".join(found)
