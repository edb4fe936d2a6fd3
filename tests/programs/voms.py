"""The two programs that the pages call ``voms-proxy-init``, and their words on the pages."""

import pytest

import installed
from guide import Guide

# The end of the name of each, where both are installed.
JAVA, CPP = "3", "2"


def about(voms: str) -> tuple[str, str]:
    """Return one of the programs and its version; skip the test where it is missing.

    Args:
        voms: ``JAVA`` or ``CPP``.
    """
    installed.needs(f"voms-proxy-init{voms}")
    return installed.about(f"voms-proxy-init{voms}")


def both(java: str, cpp: str) -> pytest.MarkDecorator:
    """Return what gives a test each program, and the block of the pages that has its words.

    Args:
        java: the name of the block for the program in Java.
        cpp: that for the program in C++.
    """
    return pytest.mark.parametrize(
        ("voms", "block"), [(JAVA, java), (CPP, cpp)], ids=["Java", "C++"]
    )


def is_said(guide: Guide, page: str, said: str) -> bool:
    """Tell whether a page has a message, or a command, within its text."""
    return f"``{said}``" in " ".join(" ".join(guide.source(page)).split())
