"""Answers of the governments: drafts, and signed texts with both keys."""

import json
from collections.abc import Callable

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import BilingualModel, Pair
from hled_portal.i18n.delegations import Side
from hled_portal.publishing.signed_text import OPEN, Signed, State
from initiatives.models import Edition, Initiative
from stakeholders.vocabulary import Outcome

from .concerns import keys_with_concerns, open_concerns
from .querysets import ResponseQuerySet
from .search_rows import index_answer
from .triage import Recommendation


class ResponseDraft(BilingualModel):
    """What a delegation, or both, write as an answer before it is proposed."""

    recommendation = models.ForeignKey(
        Recommendation, models.CASCADE, related_name="drafts", verbose_name=_("recommendation")
    )
    side = models.CharField(_("responding delegation"), max_length=5, choices=Side, default=Side.JOINT)
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome, blank=True)
    text_en = models.TextField(_("text (English)"), blank=True)
    text_es = models.TextField(_("text (Spanish)"), blank=True)
    text = Pair()
    pairs = required = ("text",)
    initiatives = models.ManyToManyField(
        Initiative, blank=True, related_name="response_drafts", verbose_name=_("initiatives it influenced")
    )
    shared = models.BooleanField(
        _("shared with the other delegation"),
        default=False,
        help_text=_("Until then, only your delegation can read it."),
    )

    class Meta:
        verbose_name = _("response draft")
        verbose_name_plural = _("response drafts")
        ordering = ["recommendation_id", "side"]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "side"],
                name="response_draft_once",
                violation_error_message=_("This delegation already has a draft for this recommendation."),
            ),
        ]

    def __str__(self):
        return f"{self.recommendation}: {self.get_side_display()}"


class Response(Signed):
    """A frozen answer to one recommendation: joint, or of one delegation where the governments differ.

    The columns below the identity are an index, worked out of the content.
    """

    identity = ("subject_kind", "recommendation_key", "side")

    subject_kind = models.CharField(max_length=10, default="response", editable=False)
    recommendation_key = models.CharField(_("recommendation"), max_length=80, editable=False, db_index=True)
    side = models.CharField(_("responding delegation"), max_length=5, choices=Side, editable=False)

    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome, blank=True, editable=False)
    words_en = models.TextField(blank=True, editable=False)
    words_es = models.TextField(blank=True, editable=False)
    words = Pair()

    #: What moves the recommendation once its answers change for readers; the app sets it, for `triage.py` alone moves.
    settle: Callable[[str], None] = staticmethod(lambda key: None)

    objects = ResponseQuerySet.as_manager()

    class Meta(Signed.Meta):
        abstract = False
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["recommendation_key", "side", "number"]
        permissions = [
            ("propose_response", "Can propose a response"),
            ("clear_response", "Can set a delegation's key on a response"),
            ("release_response", "Can release responses"),
        ]
        constraints = [
            *Signed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(subject_kind="response"),
                name="response_is_a_response",
                violation_error_message=_("The text must be named as a response."),
            ),
            models.UniqueConstraint(
                fields=["recommendation_key", "side", "number"],
                name="response_number_once",
                violation_error_message=_("This version number is already in use."),
            ),
            models.UniqueConstraint(
                fields=["recommendation_key", "side"],
                condition=Q(state__in=OPEN),
                name="response_one_open_proposal",
                violation_error_message=_("There is already an open proposal for this response."),
            ),
            models.UniqueConstraint(
                fields=["recommendation_key", "side"],
                condition=Q(state=State.PUBLISHED),
                name="response_one_published",
                violation_error_message=_(
                    "Only one response of each delegation to a recommendation can be the published one."
                ),
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
        """What markers call it by, beside the kind."""
        return f"{self.recommendation_key}/{self.side}"

    #: An answer has no pillar of its own; withdrawal markers read the attribute.
    pillar_key = ""

    @property
    def caption(self):
        """Who answers what. Without a word of the recommendation: release plans show it to whom letters are closed."""
        names = {
            Side.US: _t("Response of the United States to recommendation %(key)s"),
            Side.MX: _t("Response of Mexico to recommendation %(key)s"),
            Side.JOINT: _t("Response of both governments to recommendation %(key)s"),
        }
        return names[Side(self.side)] % {"key": self.recommendation_key}

    @classmethod
    def public_subjects(cls, texts):
        keys = {link["key"] for text in texts for link in text.data["initiatives"]}
        rows = Edition.objects.published().of_kind("initiative").filter(subject_key__in=keys).order_by()
        return set(rows.values_list("subject_kind", "subject_key"))

    def refusals_of_release(self, together, public):
        """Name the initiatives that the answer links and that would not be public with it."""
        with_it = {("initiative", text.subject_key) for text in together if text.subject_kind == "initiative"}
        return [
            _t("%(text)s links to the initiative “%(title)s”, which is not public.")
            % {"text": self.caption, "title": Initiative.objects.filter(key=link["key"]).first() or link["key"]}
            for link in self.data["initiatives"]
            if ("initiative", link["key"]) not in public | with_it
        ]

    def concerns(self, user):
        return open_concerns(self.recommendation_key, user.delegation).lines

    @classmethod
    def raised_since(cls, since, texts, reader=""):
        keys = keys_with_concerns({text.recommendation_key for text in texts}, reader, since)
        return [text for text in texts if text.recommendation_key in keys]

    @classmethod
    def on_published(cls, texts):
        for text in texts:
            text.build_index()
            cls.settle(text.recommendation_key)

    def on_withdrawn(self) -> None:
        self.build_index()
        type(self).settle(self.recommendation_key)

    def build_index(self) -> None:
        """Make columns, links and rows of the search from the content, alike each time; of a withdrawn answer none."""
        gone = self.state == State.WITHDRAWN
        for column, name in (("outcome", "outcome"), ("words_en", "text_en"), ("words_es", "text_es")):
            setattr(self, column, "" if gone else self.data[name])
        self.save()
        self.links.all().delete()
        links = [] if gone else self.data["initiatives"]
        ResponseLink.objects.bulk_create(
            ResponseLink(response=self, initiative_key=link["key"], shaped=link["shaped"]) for link in links
        )
        index_answer(self)


class ResponseLink(models.Model):
    """An initiative that a published answer names: the public link, in both directions."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="links")
    initiative_key = models.CharField(max_length=80, db_index=True)
    shaped = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "initiative_key"], name="response_link_once")]

    def __str__(self):
        return self.initiative_key
