import shutil


def chromium():
    """The distribution's browser, or None: Playwright's own download is not relied on."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
