"""The list of messages leads to each entry, and claims no more than the tests have shown."""

import json
import shutil

import pytest

from copies import reword, shown, small_guide
from evidence import Row, block_hash

ERROR = "$ tool\nrefused"
PAGE = """
When ``tool`` fails
===================

.. _tool-refused:

``refused``
-----------

.. code-block:: console
   :class: error-tool-refused with-programs

   $ tool
   refused

It was refused.

.. _tool-other:

The other, ``reported``
-----------------------

.. rst-class:: reported

Reported by others.

.. _tool-window:

In a window
-----------

It stands in a window.

.. only:: latex

   .. rst-class:: reported

   Reported by others.

.. _tool-more:

.. rst-class:: aside

What to do then
---------------

Nothing.

No label
--------

Nothing.
"""


@pytest.fixture
def root(tmp_path):
    """A guide with the list and one page of messages."""
    return small_guide(tmp_path / "guide", "problems", problems_tool=PAGE)


def prove(root, **changed) -> None:
    """Write a file of evidence that holds one row."""
    row = Row(
        **{
            "block": block_hash(ERROR),
            "page": "problems-tool",
            "command": "tool",
            "program": "Tool",
            "version": "1.2",
            "kind": "",
            "result": "fails as announced",
            "date": "2026-11-26",
        }
        | changed
    )
    (root / "build").mkdir(exist_ok=True)
    text = json.dumps({"rows": [row.model_dump()]})
    (root / "build/evidence.json").write_text(text)


def listed(root) -> list[tuple[str, str]]:
    """Build the site; return where each message leads, and what is said of it."""
    items = shown(root, "problems").select(".messages li")
    marks = [item.select_one(".date") for item in items]
    return [
        (item.a["href"], " ".join(mark.text.split()) if mark else "")
        for item, mark in zip(items, marks, strict=True)
    ]


@pytest.mark.extended
def test_without_evidence_nothing_is_claimed(root):
    """Each entry is listed, and only what the page itself says is said of it."""
    assert listed(root) == [
        ("problems-tool.html#tool-refused", ""),
        ("problems-tool.html#tool-other", "(reported)"),
        ("problems-tool.html#tool-window", ""),
    ]
    assert "provoked" not in shown(root, "problems").main.text


def test_proved_message_says_by_which_program(root):
    """Evidence about the block names the program; a later build takes it up."""
    listed(root)
    prove(root)
    assert listed(root)[0][1] == "✓ Tool 1.2"
    assert "3 messages" in shown(root, "problems").main.text
    assert "provoked 1 of them" in shown(root, "problems").main.text


def test_message_of_a_window_is_known_by_its_label(root):
    """Where there is no block, what was done counts under the name of the label."""
    prove(root, task="done", block="", command="tool-window", page="", result="works")
    assert [said for _, said in listed(root)] == ["", "(reported)", "✓ Tool 1.2"]


@pytest.mark.extended
@pytest.mark.parametrize("result", ["works", "fails"])
def test_other_results_prove_nothing(root, result):
    """A block that did not fail as the page shows is no proof of the message."""
    prove(root, result=result)
    assert listed(root)[0][1] == ""


@pytest.mark.extended
def test_changed_block_and_page_are_listed_anew(root):
    """An entry that changes loses its proof; one that goes is not listed any more."""
    prove(root)
    assert listed(root)[0][1] == "✓ Tool 1.2"
    reword(root / "source/problems-tool.rst", "   refused\n\nIt", "   refused!\n\nIt")
    assert listed(root)[0][1] == ""
    (root / "source/problems-tool.rst").unlink()
    assert listed(root) == []


def test_anchor_beside_the_heading_is_the_label(root):
    """What a reader copies beside a heading stays when the heading changes."""
    links = shown(root, "problems-tool").select("h2 .headerlink")
    anchors = [link["href"] for link in links]
    assert anchors == ["#tool-refused", "#tool-other", "#tool-window", "#tool-more", "#no-label"]


def test_list_is_in_the_other_language(root):
    """The French list says the same in French."""
    prove(root)
    shutil.rmtree(root / "out", ignore_errors=True)
    page = shown(root, "problems", "fr")
    assert [item.text for item in page.select(".messages .date")] == [
        "✓\u00a0Tool 1.2",
        "(signalé)",
    ]
