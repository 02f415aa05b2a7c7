"""Pictures of the site, in Chromium.

`.venv/bin/python tests/pictures.py` takes those of docs/librarians.md anew: docs/desk-*.png. With a folder behind
it, it puts a picture of each page of the desk named here there, at 1280 and at 768 pixels, light and dark, to look at.
With `--readers` it takes every kind of page that readers see instead: on a phone and at 1280 pixels, light and dark,
with text at twice its size, and printed (which needs pdftoppm), with sheets of many pages to look through first.
`--size 300` adds a made-up review of so many findings; `--only WORD` takes the pages with that word in their name.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pyotp
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/bench"), str(ROOT / "tests")]

from browser.chromium import chromium  # noqa: E402
from browser.kinds import PAGES as READERS_PAGES  # noqa: E402
from browser.kinds import SECOND_REVIEW  # noqa: E402
from server import serving  # noqa: E402
from sites import SETTINGS, site  # noqa: E402

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
WITHDRAWN = """
from findings.models import Finding
from tests.factories import withdrawn
Finding.objects.filter(number=6).update(**withdrawn())
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


# How readers see a page: name -> what the browser is told.
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
FORMS = {
    "phone": PHONE,
    "phone-dark": {**PHONE, "color_scheme": "dark"},
    "phone-large": PHONE,
    "desktop": DESKTOP,
    "desktop-dark": {**DESKTOP, "color_scheme": "dark"},
    "print": DESKTOP,
}
LARGE_TEXT = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value })
    .observe({ type: "layout-shift", buffered: true })"""
HIGHEST = 12_000  # pixels of a picture
ON_A_SHEET, THUMB = (6, 2), (300, 900)


def take_readers(browser, address, pages, folder):
    for form, told in FORMS.items():
        context = browser.new_context(reduced_motion="reduce", **told)
        context.add_init_script(LARGE_TEXT if form == "phone-large" else SHIFTS)
        taken, page = {}, context.new_page()
        for name, path in pages.items():
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            file = folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}-{form}.png"
            if form == "print":
                printed(page, file)
            else:
                wide, high = page.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]")
                shifted = page.evaluate("window.shifted || 0")
                clip = {"x": 0, "y": 0, "width": told["viewport"]["width"], "height": min(high, HIGHEST)}
                page.screenshot(path=file, full_page=True, clip=clip)
                faults = [f"{wide} wide"] * (wide > told["viewport"]["width"]) + [f"moved {shifted:.3f}"] * (
                    shifted > 0
                )
                print(form, name, high, *(faults or ["fits"]))
            taken[name] = file
        context.close()
        sheets(taken, folder / f"sheet-{form}")


def printed(page, file):
    """The printed page as pictures of its sides, beside each other."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "page.pdf").write_bytes(page.pdf(prefer_css_page_size=True))
        command = ["pdftoppm", "-r", "60", "-l", "6", "-png", "page.pdf", "side"]
        subprocess.run(command, cwd=scratch, check=True)
        sides = [Image.open(side).convert("RGB") for side in sorted(Path(scratch).glob("side-*.png"))]
    beside(sides, "white", 8).save(file)
    print("print", file.stem, f"{len(sides)} side{'s' * (len(sides) > 1)}")


def beside(pictures, ground, gap):
    whole = Image.new("RGB", (sum(one.width + gap for one in pictures), max(one.height for one in pictures)), ground)
    at = 0
    for one in pictures:
        whole.paste(one, (at, 0))
        at += one.width + gap
    return whole


def sheets(taken, stem):
    """Many pages in one picture, each from its top, with its name."""
    across, down = ON_A_SHEET
    names = list(taken)
    for first in range(0, len(names), across * down):
        sheet = Image.new("RGB", (across * (THUMB[0] + 12), down * (THUMB[1] + 24)), "grey")
        for i, name in enumerate(names[first : first + across * down]):
            picture = Image.open(taken[name]).convert("RGB")
            width = THUMB[0] if picture.width < picture.height * 4 else THUMB[0] * 2
            picture = picture.resize((width, picture.height * width // picture.width)).crop((0, 0, *THUMB))
            left, top = i % across * (THUMB[0] + 12), i // across * (THUMB[1] + 24)
            sheet.paste(picture, (left, top + 18))
            ImageDraw.Draw(sheet).text((left + 4, top + 3), name, "white")
        sheet.save(stem.with_name(f"{stem.name}-{first // (across * down) + 1}.png"))


@contextmanager
def fixture():
    """Yield the environment of a site with the SIGNPOSTS review."""
    with tempfile.TemporaryDirectory(prefix="joined-up-pictures-") as state:
        environment = {**os.environ, **SETTINGS, "STATE_DIR": state, "DATABASE_URL": "", "SITE_URL": ""}
        manage(environment, "migrate", "--verbosity=0")
        manage(environment, "load_if_empty", "signposts")
        manage(environment, "collectstatic", "--no-input", "--verbosity=0")
        yield environment


def main(folder, readers, size, only, keep):
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with site("sqlite", size, keep) if size else fixture() as environment:
        environment["SITE_URL"] = ""
        if readers:
            manage(environment, "shell", "-c", WITHDRAWN)
        with serving(environment, "--workers=1") as served, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            address = f"http://127.0.0.1:{served.port}"
            if readers:
                pages = {**READERS_PAGES, **SECOND_REVIEW} if size else READERS_PAGES
                take_readers(browser, address, {name: pages[name] for name in pages if only in name}, folder)
            else:
                pk = re.findall(r"\d+", manage(environment, "shell", "-c", PEOPLE))[-1]
                take(browser, environment, f"{address}/admin/", pk, folder)
            browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where to put pictures to look at")
    parser.add_argument("--readers", action="store_true", help="the pages of readers")
    parser.add_argument("--size", type=int, default=0, help="findings of a second review")
    parser.add_argument("--only", default="", metavar="WORD", help="pages with this in their name")
    parser.add_argument("--keep", metavar="FOLDER", help="build the second review once and keep it there")
    told = parser.parse_args()
    if told.readers and not told.folder:
        parser.error("Say the folder for the pictures.")
    main(**vars(told))
