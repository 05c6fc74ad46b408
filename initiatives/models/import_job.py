"""Files that were sent in: what is in them, how far they are checked, and what came of it.

The file is kept in the database as the rows that were read from it, for its sender alone, and is swept after a while:
no file lies in a folder that a web server could show.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hled_portal.i18n.bilingual import Language


class FileState(models.TextChoices):
    """States of an uploaded file: checked, then waiting for its sender's decision, then written."""

    CHECKING = "checking", _("checking")
    CHECKED = "checked", _("checked, awaiting your decision")
    WRITING = "writing", _("saving")
    WRITTEN = "written", _("saved")
    REFUSED = "refused", _("not saved")
    CANCELLED = "cancelled", pgettext_lazy("file", "canceled")


#: What `manage.py work` has to do something about.
UNDER_WAY = (FileState.CHECKING, FileState.WRITING)
ENDED = (FileState.WRITTEN, FileState.REFUSED, FileState.CANCELLED)


class FileJob(models.Model):
    """One file of one table, sent in by one person. Its address cannot be guessed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="files", verbose_name=_("uploaded by"), editable=False
    )
    table = models.CharField(_("table"), max_length=40, editable=False)
    name = models.CharField(_("file name"), max_length=200, editable=False)
    digest = models.CharField(_("file hash"), max_length=64, editable=False, help_text="SHA-256")
    language = models.CharField(_("language"), max_length=2, choices=Language, editable=False)
    content = models.BinaryField(_("rows of the file"), editable=False)
    state = models.CharField(_("status"), max_length=10, choices=FileState, default=FileState.CHECKING, editable=False)
    rows_all = models.PositiveIntegerField(_("rows"), editable=False)
    rows_done = models.PositiveIntegerField(_("rows checked"), default=0, editable=False)
    new = models.PositiveIntegerField(_("new rows"), default=0, editable=False)
    changed = models.PositiveIntegerField(_("changed rows"), default=0, editable=False)
    same = models.PositiveIntegerField(_("unchanged rows"), default=0, editable=False)
    wrong = models.PositiveIntegerField(_("rows with errors"), default=0, editable=False)
    reasons = models.TextField(_("why it was not saved"), blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent on"), auto_now_add=True)
    ended_at = models.DateTimeField(_("finished on"), null=True, editable=False)

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ["-sent_at"]

    def __str__(self):
        return self.name


class FilePart(models.Model):
    """What checking found in a slice of the rows, as JSON: written at once, so that a killed worker loses a slice."""

    job = models.ForeignKey(FileJob, models.CASCADE, related_name="parts", verbose_name=_("imported file"))
    number = models.PositiveIntegerField(_("number"))
    found = models.TextField(_("results of the check"))

    class Meta:
        verbose_name = _("part of a file")
        verbose_name_plural = _("parts of files")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="file_part_once")]

    def __str__(self):
        return f"{self.job_id}: {self.number}"
