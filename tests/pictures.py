"""Pictures of the desk, of a site with its fixture, in Chromium.

`.venv/bin/python tests/pictures.py` takes those of docs/librarians.md anew: docs/desk-*.png. With a folder behind
it, it puts a picture of each page named here there, at 1280 and at 768 pixels, light and dark, to look at.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/bench"), str(ROOT / "tests")]

from browser.chromium import chromium  # noqa: E402
from server import serving  # noqa: E402
from sites import SETTINGS  # noqa: E402

LARGEST = 120_000  # bytes of a picture in the documentation
PASSWORD = "a word not easily guessed"
PEOPLE = f"""
from django.contrib.auth.models import Group, User
from curation.log import LogEntry
from curation.workflow import perform
from findings.models import Finding
def account(name, role):
    user = User.objects.create_user(name, password="{PASSWORD}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user
anna, ben = account("anna", "Librarian"), account("ben", "Editor")
finding = Finding.objects.get(number=23)
Finding.objects.filter(pk=finding.pk).update(status="draft")
perform(LogEntry.Name.SEND_FOR_REVIEW, finding, anna)
perform(LogEntry.Name.SEND_BACK, finding, ben, "The hedge is gone: the review says “may help”.")
print(finding.pk)
"""
AGAIN = "from joinedup.accounts.models import SecondStep; SecondStep.objects.all().delete()"
ANOTHER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
# Name -> where on the desk.
PAGES = {
    "home": "",
    "form": "findings/finding/{pk}/change/",
    "notes": "findings/finding/{pk}/notes/",
    "two-step": "two-step/",
    "log-ins": "log-ins/",
    "codes": "two-step/",
    "on": "two-step/",
    "second-step": "logout",
}
IN_DOCUMENTATION = ["home", "notes", "two-step", "log-ins"]


def manage(environment, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def visit(page, desk, pk):
    """Log in and go from page to page of `PAGES`; yields the name of each when it is shown."""
    page.goto(desk)
    log_in(page)
    for name, place in PAGES.items():
        if name == "second-step":
            page.get_by_role("button", name="Log out").click()
            page.goto(desk)
            log_in(page)
        elif name == "codes":
            switch_on(page)
        else:
            page.goto(f"{desk}{place.format(pk=pk)}")
        yield name


def log_in(page):
    page.get_by_label("Username").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def switch_on(page):
    page.goto(page.url.partition("/admin/")[0] + "/admin/two-step/")
    page.get_by_label("Code that").fill(pyotp.TOTP(page.locator(".key").inner_text().replace(" ", "")).now())
    page.get_by_role("button", name="Switch it on").click()


def write(picture, path):
    """Write a picture in few colours, which are enough for a page."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > LARGEST and path.is_relative_to(ROOT):
        raise SystemExit(f"{path} is larger than {LARGEST:,} bytes: show less of the page.")


def take(browser, environment, address, pk, folder):
    sizes = [(1280, "light"), (1280, "dark"), (768, "light"), (768, "dark")] if folder else [(1024, "light")]
    for width, scheme in sizes:
        manage(environment, "shell", "-c", AGAIN)
        context = browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
        elsewhere = browser.new_context(user_agent=ANOTHER).new_page()
        elsewhere.goto(address)
        log_in(elsewhere)
        page = context.new_page()
        for name in visit(page, address, pk):
            page.wait_for_load_state("networkidle")
            wide = page.evaluate("document.documentElement.scrollWidth")
            if folder:
                write(page.screenshot(full_page=True), folder / f"{name}-{width}-{scheme}.png")
                print(name, width, scheme, f"{wide} pixels wide" if wide > width else "fits")
            elif name in IN_DOCUMENTATION:
                write(page.screenshot(), ROOT / f"docs/desk-{name}.png")
        context.close()


def main(folder=None):
    with tempfile.TemporaryDirectory(prefix="joined-up-pictures-") as state:
        environment = {**os.environ, **SETTINGS, "STATE_DIR": state, "DATABASE_URL": "", "SITE_URL": ""}
        manage(environment, "migrate", "--verbosity=0")
        manage(environment, "load_if_empty", "signposts")
        manage(environment, "collectstatic", "--no-input", "--verbosity=0")
        pk = re.findall(r"\d+", manage(environment, "shell", "-c", PEOPLE))[-1]
        with serving(environment, "--workers=1") as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            take(browser, environment, f"http://127.0.0.1:{site.port}/admin/", pk, folder)
            browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
