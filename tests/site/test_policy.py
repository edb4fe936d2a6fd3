"""Each page has the policy, keeps to it, and asks and keeps nothing."""

import re

from playwright.sync_api import Page, Request

from built import FEW_OR_ALL, every, file_at, is_of_language

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
# What a page could leave behind in the browser, by name.
KEPT = """async () => ({
  cookie: document.cookie,
  localStorage: localStorage.length,
  sessionStorage: sessionStorage.length,
  indexedDB: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
# Tells the console what the policy stops, should Chromium not do so.
WATCH = """addEventListener("securitypolicyviolation", event =>
  console.error(`stopped by the policy: ${event.violatedDirective} ${event.blockedURI}`));"""
# The text of a page without what the script adds to it.
TEXT = """() => {
  document.querySelectorAll("main button, main [role=status]").forEach(each => each.remove());
  return document.body.innerText.replace(/\\s+/g, " ");
}"""


def test_policy_is_the_first_thing_in_each_page(site):
    """Behind the character set, before anything that it is to stop; at the root, stricter."""
    for name, page in every(site).items():
        charset, policy = page.head.find_all(True, recursive=False)[:2]
        assert charset.attrs == {"charset": "utf-8"}, name
        assert policy.get("http-equiv") == "Content-Security-Policy", name
        found = dict(part.strip().split(" ", 1) for part in policy["content"].split(";"))
        if is_of_language(name):
            assert found == POLICY, name
        else:
            assert found.items() <= POLICY.items(), name
            assert found.keys() >= {"default-src", "base-uri"}, name


def test_pages_hold_no_script_and_no_style(site):
    """What runs, and what a page looks like, stands in files."""
    for name, page in every(site).items():
        assert all(script.get("src") and not script.string for script in page.find_all("script"))
        assert not page.find_all(["style", "iframe", "object", "embed", "base"]), name
        for tag in page.find_all(True):
            inline = [key for key in tag.attrs if key == "style" or key.startswith("on")]
            assert not inline, f"{name}: {tag}"
            assert not re.match(r"\s*(javascript|data):", tag.get("href", "")), f"{name}: {tag}"


def test_what_pages_load_is_there(site):
    """Scripts, styles, icons and pictures are files of the site."""
    for name, page in every(site).items():
        found = [tag["src"] for tag in page.find_all(src=True)]
        found += [tag["href"] for tag in page.find_all("link", rel=["stylesheet", "icon"])]
        assert found, name
        for address in found:
            assert file_at(site, name, address).is_file(), f"{name}: {address}"


@FEW_OR_ALL
def test_browser_asks_and_keeps_nothing(names, page: Page, at):
    """The policy stops nothing, only this server is asked, and nothing is kept."""
    found = []

    def failed(request: Request) -> None:
        # The next page does not wait for the icon of the one before.
        if request.failure != "net::ERR_ABORTED":
            found.append(f"{page.url}: {request.failure}: {request.url}")

    def asked(request: Request) -> None:
        if not request.url.startswith((at(""), at("404.html").removesuffix("404.html"))):
            found.append(f"{page.url}: asks for {request.url}")

    page.on("console", lambda message: found.append(f"{page.url}: console: {message.text}"))
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on("requestfailed", failed)
    page.on("request", asked)
    page.add_init_script(WATCH)
    for name in names:
        assert page.goto(at(name)).status == 200
        kept = {what: value for what, value in page.evaluate(KEPT).items() if value}
        if kept or page.context.cookies():
            found.append(f"{name}: keeps {kept} {page.context.cookies()}")
    assert not found, "\n".join(found)


@FEW_OR_ALL
def test_pages_are_whole_without_script(names, chromium, site, at):
    """Opened as files, and with script off, pages show the text that they show on a server."""
    with (
        chromium.new_context() as with_script,
        chromium.new_context(java_script_enabled=False) as without,
    ):
        one, other = with_script.new_page(), without.new_page()
        for name in names:
            # Its addresses begin at the root of a server; and search needs script.
            if name == "404.html" or name.endswith("/search.html"):
                continue
            one.goto(at(name))
            other.goto((site / name).as_uri())
            assert one.evaluate(TEXT) == other.evaluate(TEXT), name
