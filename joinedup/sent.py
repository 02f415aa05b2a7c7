"""What a request sent, so that a page can give it back: after an error, after a log-in, after a stale form."""

from typing import NamedTuple

from django.core import signing

KEPT = "_kept"  # carries what was sent through a log-in
ACCOUNT = "_account"  # who was logged in when a form of the desk was made
TOKEN = "csrfmiddlewaretoken"
SALT = "joinedup.sent"
BUTTONS = {"_save", "_continue", "_addanother", "post", "confirm", "index", "select_across"}
UNSEEN = "_", "seen-", "state_seen"


class Sent(NamedTuple):
    path: str  # where to, from the root of the site
    fields: list  # (name, value) of each
    account: str = ""
    lacks_passwords: bool = False  # which are never put into a page
    lacks_files: bool = False  # which cannot be
    had_token: bool = False

    @property
    def is_whole(self):
        return not (self.lacks_passwords or self.lacks_files)

    @property
    def is_bare(self):
        """Nothing but a button was pressed."""
        return not any(value and name not in BUTTONS for name, value in self.fields)

    @property
    def shown(self):
        """What a person typed or chose, of all the fields, as (label, value)."""
        return [
            (name.replace("-", " ").replace("_", " ").capitalize(), value)
            for name, value in self.fields
            if value and name not in BUTTONS and not name.startswith(UNSEEN)
        ]

    def packed(self):
        return signing.dumps(self, salt=SALT, compress=True)


def what_was_sent(request):
    """None if it is not a form, or cannot be read: it was too large, or broke off."""
    if request.method != "POST":
        return None
    try:
        post, files = request.POST, request.FILES
    except Exception:  # of any kind, as it comes from anywhere
        return None
    if KEPT in post:
        try:
            return Sent(*signing.loads(post[KEPT], salt=SALT))
        except signing.BadSignature:
            return None
    names = [name for name in post if "password" not in name]
    return Sent(
        request.get_full_path(),
        [(name, value) for name in names if name not in (TOKEN, ACCOUNT) for value in post.getlist(name)],
        account=post.get(ACCOUNT, ""),
        lacks_passwords=len(names) < len(post),
        lacks_files=bool(files),
        had_token=TOKEN in post,
    )
