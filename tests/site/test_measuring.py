"""The tool that measures pages sees what a page loads, and what is wrong with it."""

import pytest
from playwright.sync_api import sync_playwright

import installed
from measure_site import measure

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>A page</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
<link rel="stylesheet" href="https://fonts.invalid/font.css">
<script src="script.js"></script>
</head>
<body><main><h1>A page</h1><p>{text}</p>{more}</main></body>
</html>
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
FAULTY = '<img src="picture.svg"><b><p style="color: #eee">Pale</p></b>'


@pytest.fixture
def folder(tmp_path):
    """Two pages, with and without a picture and faults."""
    for name in ("icon.svg", "picture.svg"):
        (tmp_path / name).write_text(PICTURE)
    (tmp_path / "style.css").write_text("main { color: black; background: white; }\n")
    (tmp_path / "script.js").write_text("document.title += '';\n")
    (tmp_path / "good.html").write_text(PAGE.format(text="Text.", more=""))
    (tmp_path / "faulty.html").write_text(PAGE.format(text="Text.", more=FAULTY))
    return tmp_path


@pytest.mark.extended
def test_a_page_is_measured(folder, npm):
    """Files and faults are counted, each where it belongs."""
    installed.needs("chromium", "keytool")
    policy, names = "default-src 'self'", ["good.html", "faulty.html"]
    with sync_playwright() as playwright:
        found = dict(measure(playwright, folder, names, policy, states=[("light", 1350)]))
    good, faulty = found["good.html"], found["faulty.html"]
    for page in (good, faulty):
        assert page.requests == 4
        assert page.elsewhere == ["https://fonts.invalid/font.css"]
        assert 0 < page.script < page.size
    assert good.picture_requests == good.pictures == 0
    assert not good.rules
    # What cannot be loaded here cannot be judged.
    assert good.undecided <= {"css-orientation-lock"}
    assert not good.errors
    assert [text.split()[0] for text in good.forbidden] == ["style-src-elem"]
    assert faulty.picture_requests == 1
    assert faulty.pictures > 0
    assert {"image-alt", "color-contrast"} <= faulty.rules
    assert any("“p” not allowed as child of element “b”" in text for text in faulty.errors)
    assert [text.split()[0] for text in faulty.forbidden] == ["style-src-elem", "style-src-attr"]
