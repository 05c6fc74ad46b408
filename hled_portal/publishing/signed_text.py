"""Signed texts: what a frozen text holds, its states, and the conditions that the database keeps.

The verbs are in `clearance.py` and `releasing.py`.
"""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.choice_labels import ChoiceLabels
from hled_portal.models import Release, ReleasePlan


class State(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    CLEARED = "cleared", _("approved")
    RETURNED = "returned", _("returned")
    REPLACED = "replaced", _("replaced by a new proposal")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("replaced")
    WITHDRAWN = "withdrawn", _("withdrawn")


OPEN = (State.PROPOSED, State.CLEARED)
RELEASED = (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN)


class WithdrawalReason(models.TextChoices):
    ERROR = "error", _("it contains an error")
    EARLY = "early", _("it was published too early")
    LAW = "law", _("its publication is prohibited by law")
    PERSONAL_DATA = "personal_data", _("it contains personal data")
    OTHER = "other", _("other reason (explain)")


class Basis(models.TextChoices):
    KEYS = "keys", _("approved by both delegations")
    JOINT_TEXT = "joint_text", _("based on a published document")


def _officer(label) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=label,
    )


_both_keys = (
    Q(us_digest=F("digest"), mx_digest=F("digest"), us_officer__isnull=False, mx_officer__isnull=False)
    & Q(us_at__isnull=False, mx_at__isnull=False, author__isnull=False)
    & ~Q(us_officer=F("mx_officer"))
    & ~Q(us_officer=F("author"))
    & ~Q(mx_officer=F("author"))
)


class Signed(ChoiceLabels, models.Model):
    """A frozen text that becomes public with both keys, or from a joint text of both governments."""

    #: Columns that name the text; frozen like its content.
    identity: tuple[str, ...] = ()
    FROZEN = ("content", "digest", "basis", "source_key", "author_id", "proposed_at")
    KEYS = ("us_officer_id", "us_digest", "us_at", "mx_officer_id", "mx_digest", "mx_at")
    ISSUED = ("number", "public_from", "publication", "release_id")

    content = models.TextField(_("content"), editable=False)
    digest = models.CharField(_("hash"), max_length=64, editable=False)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.PROPOSED, editable=False)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis, default=Basis.KEYS, editable=False)
    source_key = models.CharField(_("document"), max_length=80, blank=True, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("author"),
    )
    proposed_at = models.DateTimeField(_("proposed on"), default=timezone.now, editable=False)
    us_officer = _officer(_("approver for the United States"))
    us_digest = models.CharField(_("hash approved by the United States"), max_length=64, blank=True, editable=False)
    us_at = models.DateTimeField(_("approved by the United States on"), null=True, blank=True, editable=False)
    mx_officer = _officer(_("approver for Mexico"))
    mx_digest = models.CharField(_("hash approved by Mexico"), max_length=64, blank=True, editable=False)
    mx_at = models.DateTimeField(_("approved by Mexico on"), null=True, blank=True, editable=False)
    number = models.PositiveIntegerField(_("version number"), null=True, blank=True, editable=False)
    public_from = models.DateField(_("current from"), null=True, blank=True, editable=False)
    publication = models.PositiveIntegerField(_("publication number"), null=True, blank=True, editable=False)
    release = models.ForeignKey(
        Release,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="%(class)ss",
        verbose_name=_("release"),
    )

    plan = models.ForeignKey(
        ReleasePlan,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="%(class)ss",
        verbose_name=_("scheduled release"),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | (Q(basis="keys") & _both_keys)
                | (Q(basis="joint_text") & ~Q(source_key="")),
                name="%(class)s_published_needs_both_keys",
                violation_error_message=_(
                    "A published text must have been approved by two different people, neither of "
                    "them its author, or be based on a published document."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=RELEASED,
                    number__isnull=False,
                    public_from__isnull=False,
                    publication__isnull=False,
                    release__isnull=False,
                )
                | (
                    ~Q(state__in=RELEASED)
                    & Q(number__isnull=True, public_from__isnull=True, publication__isnull=True, release__isnull=True)
                ),
                name="%(class)s_number_is_given_at_release",
                violation_error_message=_(
                    "A text has a version number, a date and a release only once it is published."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(us_digest="") | Q(us_digest=F("digest"))) & (Q(mx_digest="") | Q(mx_digest=F("digest"))),
                name="%(class)s_keys_fit_the_text",
                violation_error_message=_("An approval must match the hash of exactly this text."),
            ),
            models.CheckConstraint(
                condition=~Q(state="cleared") | _both_keys,
                name="%(class)s_cleared_has_both_keys",
                violation_error_message=_("An approved text must have the approval of both delegations."),
            ),
        ]

    @property
    def name(self) -> str:
        """The text without its number, such as `initiative/otay-mesa-ii`."""
        return "/".join(getattr(self, column) for column in self.identity)

    @property
    def caption(self) -> str:
        """What people call the text, in the reader's language; a hook for subclasses."""
        return self.name

    @property
    def text(self) -> str:
        """The text as the log names it, such as `initiative/otay-mesa-ii/3`."""
        return f"{self.name}/{self.number}"

    def siblings(self):
        """Every text of the same subject."""
        same = {column: getattr(self, column) for column in self.identity}
        return type(self)._default_manager.filter(**same)

    @classmethod
    def public_subjects(cls, texts: list) -> set:
        """What of all that these texts need is public, for `refusals_of_release`; a hook for subclasses."""
        return set()

    def refusals_of_release(self, together: list, public: set) -> list[str]:
        """What keeps this text from going out with the others; a hook for subclasses.

        `public` is the answer of `public_subjects`.
        """
        return []

    def concerns(self, user) -> list[str]:
        """What this person should know before deciding, and decides over with a word only; a hook for subclasses."""
        return []

    @classmethod
    def raised_since(cls, since, texts: list, reader: str = "") -> list:
        """Those of these texts about which somebody raised a concern later, as far as this delegation may know of it.

        A hook for subclasses.
        """
        return []

    @classmethod
    def on_published(cls, texts: list) -> None:
        """Hook, called in the transaction of the release with its texts of this table."""

    def on_withdrawn(self) -> None:
        """Hook, called in the transaction of the withdrawal: nothing readers search or list by stays."""


def signed_models() -> list[type[Signed]]:
    """Every table of signed texts; not the passing ones that SQLite's migrations make of them."""
    found = [model for model in Signed.__subclasses__() if not model._meta.abstract and model._meta.managed]
    return [model for model in found if model._meta.apps is apps]
