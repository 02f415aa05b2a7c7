"""Notes from one who curates to another on an entry, with answers. They are for the desk alone: nothing public, and no
file of ours, has them. They go with the entry."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone

from curation.history import Revision
from curation.log import LogEntry

LONGEST = 5000  # characters
written = Signal()  # of `notes` that one person wrote in one go


class CommentQuerySet(models.QuerySet):
    def on(self, entry):
        """The notes on an entry without their answers, which come with them; the open ones first, then the newest."""
        kind = ContentType.objects.get_for_model(entry)
        return self.filter(content_type=kind, object_id=entry.pk, thread=None).with_answers().order_by(*OPEN_FIRST)

    def with_answers(self):
        answers = Comment.objects.select_related("by").order_by("at", "pk")
        return self.select_related("by", "to", "done_by").prefetch_related(models.Prefetch("answers", answers))

    def open(self):
        return self.filter(thread=None, done_at=None)

    def waiting_for(self, user):
        """The open notes in which somebody else had the last word and that `user` is meant by.

        Meant is the person a note is to, whoever takes part in it, and for a note to nobody by name whoever works on
        the entry: changed its wording or sent it for review. If nobody has, everybody is meant.
        """
        same = {"content_type": OuterRef("content_type"), "object_id": OuterRef("object_id")}
        sent = LogEntry.objects.filter(**same, name=LogEntry.Name.SEND_FOR_REVIEW)
        changed = Revision.objects.filter(**same)
        works_on_it = Exists(changed.filter(by=user)) | Exists(sent.filter(by=user))
        nobody_does = ~Exists(changed.filter(by__isnull=False)) & ~Exists(sent.filter(by__isnull=False))
        answers = Comment.objects.filter(thread=OuterRef("pk")).order_by("-at", "-pk")
        meant = Q(to=user) | Q(by=user) | Exists(answers.filter(by=user)) | (Q(to=None) & (works_on_it | nobody_does))
        last = Coalesce(Subquery(answers.values("by")[:1]), "by", 0, output_field=models.BigIntegerField())
        return self.open().filter(meant).annotate(last_by=last).exclude(last_by=user.pk).order_by("-at", "-pk")

    def move(self, others, kept):
        """Give the notes on `others`, which are merged into `kept`, to that."""
        for other in others:
            kind = ContentType.objects.get_for_model(other)
            self.filter(content_type=kind, object_id=other.pk).update(object_id=kept.pk)


class Comment(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    entry = GenericForeignKey()
    thread = models.ForeignKey("self", models.CASCADE, null=True, related_name="answers")  # of an answer: its note
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(max_length=LONGEST)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = "note"
        default_permissions = ()
        permissions = [("write_comments", "Can read and write notes to colleagues")]
        indexes = [models.Index(fields=["content_type", "object_id", "-at"], name="notes_on_an_entry")]

    def __str__(self):
        return f"Note of {self.at:%Y-%m-%d %H:%M}"

    @property
    def address(self):
        """Where on the desk it is answered."""
        return reverse(f"admin:{self.content_type.app_label}_{self.content_type.model}_notes", args=[self.object_id])

    @property
    def people(self):
        """Those it is for by name, besides who wrote it: whom it is to; of an answer, all who took part."""
        named = [self.to]
        if self.thread:
            named += [
                self.thread.by,
                self.thread.to,
                *(answer.by for answer in self.thread.answers.select_related("by")),
            ]
        return {person for person in named if person and person != self.by}

    def answer(self, by, text):
        """Write an answer, which opens the note again."""
        if self.done_at:
            self.set_done(None)
        [answer] = write(
            [Comment(content_type=self.content_type, object_id=self.object_id, thread=self, by=by, text=text)]
        )
        return answer

    def set_done(self, by):
        """Mark the note as done by somebody; None opens it again."""
        self.done_at, self.done_by = (timezone.now(), by) if by else (None, None)
        self.save(update_fields=["done_at", "done_by"])


OPEN_FIRST = [models.F("done_at").desc(nulls_first=True), "-at", "-pk"]


def write(notes):
    """Keep notes that one person wrote in one go, and tell whom they are for when they are kept for good."""
    Comment.objects.bulk_create(notes, batch_size=500)
    transaction.on_commit(lambda: written.send_robust(Comment, notes=notes))
    return notes


def sent_back(entry, act):
    """What is to be done, as a note to whoever sent the entry for review."""
    sent = LogEntry.objects.on(entry).filter(name=LogEntry.Name.SEND_FOR_REVIEW).first()
    to = sent.by if sent and sent.by != act.by else None
    return Comment(entry=entry, by=act.by, to=to, at=act.at, text=act.note)
