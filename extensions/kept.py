"""Read and write the files that runs keep for the site: what was proved, what was seen."""

import os
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sphinx.errors import ConfigError

Content = TypeVar("Content", bound=BaseModel)


def read_kept(file: Path, model: type[Content], what: str, advice: str) -> Content | None:
    """Return what a file holds; nothing if it is missing.

    Args:
        file: the file, JSON.
        model: the form of its content.
        what: what messages call such a file.
        advice: what to do about another one, in a sentence without its full stop.

    Raises:
        ConfigError: it cannot be read, or holds something else.
    """
    try:
        return model.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        why = getattr(error, "strerror", None)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            why = " ".join([*(f"{part}:" for part in first["loc"]), first["msg"]])
        raise ConfigError(f"{file} is no {what}: {why}. {advice}") from None


def write_whole(file: Path, text: str) -> None:
    """Put a text in the place of a file, at once.

    Whoever reads meanwhile finds the old file or the new one, whole.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)
