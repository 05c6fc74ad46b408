"""The register: organizations, places, topics and sources that the record names."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language, Pair
from initiatives.vocabulary.choices import Country, OrganizationKind, PlaceKind, SourceKind

from .base import Dated, EdtfField, KeyField, Row, TextRow, Titled, exactly_one


class Merged(models.Model):
    """A register entry that another one may have replaced."""

    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaced by")
    )

    class Meta:
        abstract = True


class Organization(Row, Merged):
    """Who acts; also named programmes, laws and funds. Its names have dates."""

    key = KeyField(_("key"), unique=True)
    kind = models.CharField(_("type"), max_length=15, choices=OrganizationKind)
    country = models.CharField(_("country"), max_length=2, choices=Country, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    ended_edtf = EdtfField(_("end date"))
    ended_source = models.ForeignKey(
        "initiatives.Source",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ended_organizations",
        verbose_name=_("source of the end date"),
    )

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["key"]

    def __str__(self):
        name = next((n for n in self.names.all() if not n.until_edtf), None)
        return str(name) if name else self.key


class OrganizationName(TextRow):
    """A name and acronym of an organization, with the days from and to which it held."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="names", verbose_name=_("organization"))
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    name_en = models.CharField(_("name (English)"), max_length=250, blank=True)
    name_es = models.CharField(_("name (Spanish)"), max_length=250, blank=True)
    name = Pair()
    article_en = models.CharField(_("article (English)"), max_length=5, blank=True)
    article_es = models.CharField(_("article (Spanish)"), max_length=5, blank=True)
    acronym_en = models.CharField(_("acronym (English)"), max_length=20, blank=True)
    acronym_es = models.CharField(_("acronym (Spanish)"), max_length=20, blank=True)
    acronym = Pair()
    since_edtf = EdtfField(_("in use from"))
    until_edtf = EdtfField(_("in use until"))
    pairs = required = ("name",)

    class Meta:
        verbose_name = _("name of an organization")
        verbose_name_plural = _("names of organizations")
        ordering = ["organization_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "order"],
                name="organization_name_order",
                violation_error_message=_("This organization already has a name in this position."),
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(until_edtf=""),
                name="organization_one_present_name",
                violation_error_message=_(
                    "An organization can have only one current name. Enter an end date for the previous one."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.acronym})" if self.acronym else self.name


class Succession(Row):
    """What took over from a body that ended."""

    predecessor = models.ForeignKey(
        Organization, models.CASCADE, related_name="successions", verbose_name=_("former organization")
    )
    successor = models.ForeignKey(
        Organization, models.PROTECT, related_name="inheritances", verbose_name=_("successor")
    )

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor"],
                name="succession_once",
                violation_error_message=_("This successor is already listed."),
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=models.F("successor")),
                name="succession_of_another",
                violation_error_message=_("An organization cannot succeed itself."),
            ),
        ]

    def __str__(self):
        return f"{self.predecessor_id} → {self.successor_id}"


class Place(Titled, Merged):
    """Where. A crossing is a place whose two sides are its children; each side also lies in a city or state.

    Coordinates are WGS 84 degrees.
    """

    key = KeyField(_("key"), unique=True)
    kind = models.CharField(_("type"), max_length=15, choices=PlaceKind)
    country = models.CharField(_("country"), max_length=2, choices=Country, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("located in")
    )
    city = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="sides", verbose_name=_("city or state")
    )
    latitude = models.DecimalField(_("latitude"), max_digits=7, decimal_places=4, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="place_coordinates_together",
                violation_error_message=_("Enter both latitude and longitude, in degrees."),
            ),
        ]


class Topic(Titled, Merged):
    """A subject matter that initiatives share across pillars."""

    key = KeyField(_("key"), unique=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["key"]


class Source(Titled, Merged, Dated):
    """A document that the record cites. Names are its title in each language."""

    key = KeyField(_("key"), unique=True)
    kind = models.CharField(_("type"), max_length=20, choices=SourceKind)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    address = models.URLField(_("address"), blank=True)
    issuer_en = models.CharField(
        _("issued by (English)"),
        max_length=200,
        blank=True,
        help_text=_("Only for a document that is not of both governments."),
    )
    issuer_es = models.CharField(_("issued by (Spanish)"), max_length=200, blank=True)
    issuer = Pair()
    in_part = models.BooleanField(
        _("entered in part"), default=False, help_text=_("Only a part of the document was available.")
    )
    meeting = models.ForeignKey(
        "initiatives.Meeting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sources",
        verbose_name=_("meeting"),
    )

    pairs = ("name", "issuer")

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["date_latest", "key"]


class Alias(Row):
    """Another name in use for an organization, a place or a pillar."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="aliases", verbose_name=_("organization")
    )
    place = models.ForeignKey(
        Place, models.CASCADE, null=True, blank=True, related_name="aliases", verbose_name=_("place")
    )
    pillar = models.ForeignKey(
        "initiatives.Pillar",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="aliases",
        verbose_name=_("pillar"),
    )
    text = models.CharField(_("other name"), max_length=250)
    language = models.CharField(_("language"), max_length=2, choices=Language)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ["language", "text"]
        constraints = [
            models.CheckConstraint(
                condition=exactly_one("organization", "place", "pillar"),
                name="alias_of_one",
                violation_error_message=_("An alternative name must belong to one organization, place or pillar."),
            ),
            *(
                models.UniqueConstraint(
                    fields=[owner, "text", "language"],
                    name=f"alias_once_in_{owner}",
                    violation_error_message=_("This name is already listed."),
                )
                for owner in ("organization", "place", "pillar")
            ),
        ]

    def __str__(self):
        return self.text
