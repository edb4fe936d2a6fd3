"""Sphinx settings of the guide. What an institute changes is in institute.toml."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.resolve()
# The overlay: a folder of the shape of local/, which a fork owns.
LOCAL = ROOT / (os.environ.get("LOCAL") or "local")

# -- Extensions ---------------------------------------------------------------
# https://www.sphinx-doc.org/en/master/usage/extensions/index.html

sys.path.insert(0, str(ROOT / "extensions"))
extensions = [
    "institute",
    "anchors",
    "alternatives",
    "labels",
    "languages",
    "way",
    "whole_words",
    "links",
    "evidence",
    "messages",
    "checked",
    "terms",
    "checksum",
    "documents",
    "strict_builds",
    "search",
    "found",
]
overlay = str(LOCAL)

# -- Project ------------------------------------------------------------------
# https://www.sphinx-doc.org/en/master/usage/configuration.html#project-information

# The same in every fork: both words stand in the head of each catalogue.
project = "Certificate guide"
copyright = "the authors of the certificate guide"

# -- Strictness ---------------------------------------------------------------
# https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-nitpicky

nitpicky = True
show_warning_types = True

# -- Text ---------------------------------------------------------------------
# https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-smartquotes

# Smart quotes would print `--rfc` with a dash that no program understands.
smartquotes = False

# -- Languages ----------------------------------------------------------------
# https://www.sphinx-doc.org/en/master/usage/advanced/intl.html

# The first folder wins, message by message. Absolute, because sphinx-intl and Sphinx
# resolve a relative path from different folders.
locale_dirs = [str(LOCAL / "locale"), str(ROOT / "locale")]
# One catalogue a page, without line numbers: two people's changes merge.
gettext_compact = False
gettext_location = False
# The words of the theme go to the catalogue `sphinx`, which Sphinx itself reads.
templates_path = [str(ROOT / "theme")]

# -- HTML ---------------------------------------------------------------------
# https://www.sphinx-doc.org/en/master/usage/configuration.html#options-for-html-output

html_theme = "theme"
html_theme_path = [".", "theme"]
html_copy_source = False
html_use_index = False
html_domain_indices = False
html_permalinks_icon = "#"

# -- EPUB, and the PDF that is made from it -------------------------------------
# https://www.sphinx-doc.org/en/master/usage/configuration.html#options-for-epub-output

epub_theme = "document"
epub_show_urls = "no"
epub_tocscope = "includehidden"
epub_tocdepth = 4
epub_tocdup = False
epub_exclude_files = ["_static/pygments.css"]
# What an overlay has in static/ beyond pictures is for its site.
suppress_warnings = ["epub.unknown_project_files"]
