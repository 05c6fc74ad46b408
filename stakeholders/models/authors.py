"""Authors who are notified of what became of their letters, and how far they were."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .follow import new_handle
from .letters import Letter
from .triage import Move


class Author(models.Model):
    """The author of one letter, who confirmed an address. `notified_up_to` is the cursor in the publication log."""

    letter = models.OneToOneField(Letter, models.CASCADE, related_name="author", verbose_name=_("submission"))
    handle = models.CharField(max_length=32, unique=True, default=new_handle, editable=False)
    notified_up_to = models.PositiveIntegerField(_("notified up to publication"), default=0)
    stopped_at = models.DateTimeField(_("messages stopped on"), null=True)

    class Meta:
        verbose_name = _("notified author")
        verbose_name_plural = _("notified authors")
        indexes = [models.Index(fields=["notified_up_to"], name="author_cursor")]

    def __str__(self):
        return str(self.pk)


class NotifiedMove(models.Model):
    """Rows and no cursor: of two moves at once the lower number may be committed later."""

    author = models.ForeignKey(Author, models.CASCADE, related_name="notified_moves")
    move = models.ForeignKey(Move, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "move"], name="move_notified_once")]

    def __str__(self):
        return f"{self.author_id}: {self.move_id}"
