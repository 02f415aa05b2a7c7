"""How readers act on a page: with a finger, a mouse or keys alone, with large text, with and without script."""

import pytest
from playwright.sync_api import expect

WIDTH = 390
MOST_STOPS = 300
CUT_OFF = """width => [...document.querySelectorAll("main :is(h1, h2, h3, p, a, label, button, input, select)")]
    .filter((part) => part.checkVisibility() && !part.closest(".vh, .table-box"))
    .filter((part) => part.getBoundingClientRect().right > width + 1)
    .map((part) => part.outerHTML.slice(0, 100))"""


class Reader:
    """What a reader does with a finger."""

    has_script = True

    def __init__(self, page):
        self.page = page

    def choose(self, target):
        target.tap()

    def tick(self, box):
        box.locator("..").tap()  # the words beside it

    def write(self, box, words):
        """She sees what she writes: a dozen letters of it at least."""
        box.tap()
        box.fill(words)
        room, letter = box.evaluate("box => [box.clientWidth, parseFloat(getComputedStyle(box).fontSize)]")
        assert room >= 6 * letter

    def search(self, box, words):
        self.write(box, words)
        self.choose(self.page.get_by_role("button", name="Search").last)

    def sees_a_page(self, heading):
        """It is there, and nothing of it lies beside the screen."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        width = self.page.viewport_size["width"]
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width
        assert self.page.evaluate(CUT_OFF, width) == []


class WithMouse(Reader):
    """At a desk."""

    def choose(self, target):
        target.click()

    def tick(self, box):
        box.locator("..").click()

    def write(self, box, words):
        box.click()
        box.fill(words)


class WithKeyboard(Reader):
    """The same with Tab, Enter, Space and arrows."""

    def reach(self, target):
        for _stop in range(MOST_STOPS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"No Tab leads to {target}.")

    def choose(self, target):
        self.reach(target)
        self.page.keyboard.press("Enter")

    def tick(self, box):
        if box.get_attribute("type") == "radio":
            first = self.page.locator(f"input[name={box.get_attribute('name')}]").first
            self.reach(first)
            self.page.keyboard.press("Space")
            while not box.is_checked():
                self.page.keyboard.press("ArrowRight")
        else:
            self.reach(box)
            self.page.keyboard.press("Space")

    def write(self, box, words):
        self.reach(box)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(words)

    def search(self, box, words):
        self.write(box, words)
        self.page.keyboard.press("Enter")


class WithLargeText(Reader):
    """Whose browser shows text at twice its size."""

    def __init__(self, page):
        super().__init__(page)
        page.add_init_script(
            "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
        )


class WithoutScript(Reader):
    has_script = False


class MouseWithoutScript(WithMouse):
    has_script = False


class KeyboardWithoutScript(WithKeyboard):
    has_script = False


def phone(**more):
    return pytest.mark.browser_context_args(
        viewport={"width": WIDTH, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce", **more
    )


def desktop(**more):
    return pytest.mark.browser_context_args(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **more)
