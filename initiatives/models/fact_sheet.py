"""The fact sheet of a meeting: the draft that officers edit, and the frozen text that both delegations approve."""

import json

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import active_language
from hled_portal.publishing.published_querysets import ReleasedQuerySet
from hled_portal.publishing.signed_text import OPEN, Signed, State


class FactSheetDraft(models.Model):
    """What both delegations edit before it is proposed: one fact sheet for each language.

    `content` maps a language to a fact sheet (`factsheets/draft.py`), each sentence with the words that the records
    gave when they were last taken over (`made`).
    """

    meeting_key = models.CharField(_("key of the meeting"), max_length=80, unique=True, editable=False)
    content = models.JSONField(_("content"), default=dict, editable=False)
    revision = models.PositiveIntegerField(_("revision number"), default=1, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("changed by"),
    )
    changed_at = models.DateTimeField(_("changed on"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("fact sheet draft")
        verbose_name_plural = _("fact sheet drafts")
        ordering = ["meeting_key"]

    def __str__(self):
        return self.meeting_key


class FactSheet(Signed):
    """The frozen fact sheet of a meeting, in both languages."""

    identity = ("subject_kind", "meeting_key")

    subject_kind = models.CharField(max_length=10, default="fact_sheet", editable=False)
    meeting_key = models.CharField(_("key of the meeting"), max_length=80, editable=False, db_index=True)

    objects = ReleasedQuerySet.as_manager()

    class Meta(Signed.Meta):
        abstract = False
        verbose_name = _("fact sheet")
        verbose_name_plural = _("fact sheets")
        ordering = ["meeting_key", "number"]
        permissions = [
            ("propose_factsheet", "Can edit and propose a fact sheet"),
            ("clear_factsheet", "Can set a delegation's key on a fact sheet"),
            ("release_factsheet", "Can release fact sheets"),
        ]
        constraints = [
            *Signed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(subject_kind="fact_sheet"),
                name="factsheet_is_a_fact_sheet",
                violation_error_message=_("The text must be named as a fact sheet."),
            ),
            models.UniqueConstraint(
                fields=["meeting_key", "number"],
                name="factsheet_number_once",
                violation_error_message=_("This version number is already in use."),
            ),
            models.UniqueConstraint(
                fields=["meeting_key"],
                condition=Q(state__in=OPEN),
                name="factsheet_one_open_proposal",
                violation_error_message=_("There is already an open proposal for this fact sheet."),
            ),
            models.UniqueConstraint(
                fields=["meeting_key"],
                condition=Q(state=State.PUBLISHED),
                name="factsheet_one_published",
                violation_error_message=_("Only one version of a fact sheet can be the current published one."),
            ),
        ]

    def __str__(self):
        return self.text if self.number else self.name

    @cached_property
    def data(self) -> dict:
        """The content, read."""
        return json.loads(self.content)

    @property
    def subject_key(self) -> str:
        """What withdrawal notices call it by, beside the kind."""
        return self.meeting_key

    #: A fact sheet has no pillar; withdrawal notices read the attribute.
    pillar_key = ""

    @property
    def caption(self):
        return _t("Fact sheet: %(title)s") % {"title": self.data["languages"][active_language()]["title"]}
