"""What tests of the desk do in a browser, step by step."""

from playwright.sync_api import expect

PASSWORD = "a word not easily guessed"


def log_in(page, desk, name):
    page.set_default_timeout(15_000)
    page.context.clear_cookies()
    page.goto(desk)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#user-tools").get_by_text(name)).to_be_visible()


def choose(page, label, text, shown=None):
    """Pick from one of the lookup fields of a form, by what it is called: type `text`, take what is `shown`."""
    # The plain select that it stands for has the same role until the script has run.
    page.locator(".select2-selection").and_(page.get_by_role("combobox", name=label)).last.click()
    page.locator(".select2-search__field").fill(text)
    page.locator(".select2-results__option").filter(has_text=shown or text).first.click()
