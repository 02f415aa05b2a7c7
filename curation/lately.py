"""What was done at the desk lately, by whom: acts and changes of wording, newest first."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from curation.history import Revision
from curation.holding import NAMED
from curation.log import LogEntry
from curation.tasks import admin_url, may_view

LOOKED_AT = 40  # rows of each record
NAMED_AT_MOST = 4
Name = LogEntry.Name
DID = {
    Name.SEND_FOR_REVIEW: "sent {} for review",
    Name.SEND_BACK: "sent {} back",
    Name.PUBLISH: "published {}",
    Name.CORRECT: "corrected {}",
    Name.CHANGE_MEANING: "changed the meaning of {}",
    Name.CHECK: "checked {}",
    Name.WITHDRAW: "withdrew {}",
    Name.RESTORE: "put {} back",
    Name.MERGE: "merged into {}",
    Name.REPLACE_TEXT: "replaced the text of {}",
    Name.DELETE_TEXT: "deleted the text of {}",
}
WROTE = "wrote {}"


@dataclass
class Deed:
    """What somebody did to one entry after another."""

    who: str
    before: str  # what was done, in words, before the entries are named
    after: str
    at: datetime
    entries: list = field(default_factory=list)  # (name, address)
    more: int = 0

    def add(self, name, url):
        if (name, url) in self.entries:
            return
        if len(self.entries) < NAMED_AT_MOST:
            self.entries.append((name, url))
        else:
            self.more += 1


def lately(user, most=8):
    """The newest deeds that `user` may see, those of one kind by one person on one day as one."""
    rows = sorted([*_rows(LogEntry, "name"), *_rows(Revision)], key=lambda row: row["at"], reverse=True)
    names = _names({(row["content_type"], row["object_id"]) for row in rows}, user)
    deeds, acts = {}, {(row["object_id"], row["content_type"], row["at"].date()) for row in rows if "name" in row}
    for row in rows:
        key, day = (row["content_type"], row["object_id"]), timezone.localdate(row["at"])
        if key not in names or ("name" not in row and (key[1], key[0], row["at"].date()) in acts):
            continue  # the act says more than that its wording was recorded
        words = DID.get(row.get("name"), WROTE)
        deed = deeds.setdefault((row["by"], words, day), None)
        if deed is None:
            who = "You" if row["by"] == user.pk else row["named"] or "Somebody"
            deed = deeds[row["by"], words, day] = Deed(who, *words.split("{}"), row["at"])
        deed.add(*names[key])
    return list(deeds.values())[:most]


def _rows(model, *fields):
    rows = model.objects.annotate(named=NAMED).order_by("-at", "-pk")
    return rows.values("content_type", "object_id", "at", "by", "named", *fields)[:LOOKED_AT]


def _names(keys, user):
    """{(kind, id): (code or name, address at the desk)} of those that are there and that `user` may see."""
    found = {}
    for kind in {kind for kind, _ in keys}:
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is not None and may_view(user, model):
            for entry in model._base_manager.filter(pk__in=[pk for some, pk in keys if some == kind]):
                name = getattr(entry, "code", None) or f"“{entry}”"
                found[kind, entry.pk] = name, admin_url(model, "change", entry.pk)
    return found
