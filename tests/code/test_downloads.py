"""What readers download is what the page says, and what the tests fetch is named."""

import hashlib
import subprocess
import sys

from copies import ROOT, run

GRIDCERT = ROOT / "source" / "downloads" / "gridcert"


def test_page_shows_the_checksum_of_the_download(guide):
    """The checksum on the page is that of the file that the page leads to, as it is published."""
    for language in guide.languages:
        page = guide.html("gridcert", language)
        link = page.select_one("a[download]")
        published = (guide.folder / "html" / language / link["href"]).read_bytes()
        assert published == GRIDCERT.read_bytes()
        shown = page.select_one("code.checksum").get_text()
        assert shown == hashlib.sha256(published).hexdigest()


def test_checksum_of_no_file_stops_the_build(tmp_path):
    """A file that is not there is named, with the page and the line."""
    (tmp_path / "conf.py").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'extensions')!r})\nextensions = ['checksum']\n"
    )
    (tmp_path / "index.rst").write_text("Title\n=====\n\n:sha256:`downloads/nothing`\n")
    done = run(tmp_path, "-m", "sphinx", "-q", "-W", "-b", "text", ".", "out")
    assert done.returncode == 1
    assert "index.rst:4: " in done.stderr
    assert "downloads/nothing cannot be read: No such file or directory" in done.stderr


def test_no_mirror_is_named(tmp_path):
    """Without a source of Debian, one sentence says what to add, and nothing is left behind."""
    config = tmp_path / "apt.conf"
    config.write_text(f'Dir::Etc::sourcelist "{tmp_path}/none"; Dir::Etc::sourceparts "/dev/null";')
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "fetch_openssl.py", tmp_path / "openssl"],
        env={"PATH": "/usr/bin:/bin", "APT_CONFIG": str(config)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("apt on this machine has no source of Debian's main archive")
    assert list(tmp_path.iterdir()) == [config]
