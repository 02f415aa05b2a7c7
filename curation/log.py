"""The record of what was done to an entry: who, when, and why."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone


class LogEntryQuerySet(models.QuerySet):
    def on(self, entry):
        kind = ContentType.objects.get_for_model(entry)
        return self.filter(content_type=kind, object_id=entry.pk).select_related("by")


class LogEntry(models.Model):
    class Name(models.TextChoices):
        SEND_FOR_REVIEW = "send-for-review", "Sent for review"
        SEND_BACK = "send-back", "Sent back to the author"
        PUBLISH = "publish", "Published"
        CORRECT = "correct", "Corrected"
        CHANGE_MEANING = "change-meaning", "Changed in meaning"
        CHECK = "check", "Evidence checked"
        WITHDRAW = "withdraw", "Withdrawn"
        RESTORE = "restore", "Put back"
        MERGE = "merge", "Merged"
        REPLACE_TEXT = "replace-text", "Its text replaced"
        DELETE_TEXT = "delete-text", "Its text deleted"

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    entry = GenericForeignKey()
    name = models.CharField("what was done", max_length=20, choices=Name)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "log entries"
        indexes = [models.Index(fields=["content_type", "object_id", "-at"], name="log_of_an_entry")]
        permissions = [
            ("send_for_review", "Can send entries for review"),
            ("record_check", "Can record that the evidence was checked"),
            ("publish_entries", "Can publish, change in public, withdraw and restore entries"),
        ]

    def __str__(self):
        return f"{self.get_name_display()} {self.at:%Y-%m-%d}"
