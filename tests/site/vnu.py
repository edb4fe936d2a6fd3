"""The Nu Html Checker (vnu), run on files."""

import json
import subprocess
from pathlib import Path

PROGRAM = Path("vnu-jar") / "build" / "dist" / "vnu.jar"
# In files, 'self' is nobody: what the policy lets in is judged in a browser.
POLICY = r"Resource violates Content Security Policy \(meta tag\): .*"


def messages(npm: Path, *arguments: str | Path) -> list[dict]:
    """Return the errors and the warnings that it has; what it says for information is left.

    Args:
        npm: the folder of the npm packages.
        arguments: its options, then files and folders.

    Raises:
        subprocess.SubprocessError: it cannot be run.
    """
    command = ["java", "-jar", npm / PROGRAM, "--stdout", "--format", "json"]
    command += ["--exit-zero-always", "--skip-info-messages", "--filterpattern", POLICY]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=True, timeout=300
    )
    return json.loads(done.stdout)["messages"]
