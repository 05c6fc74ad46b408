"""The closed lists that columns of the record choose from, with their labels.

A leaf: what shows an edition needs the words of its columns, never the tables.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Country(models.TextChoices):
    """ISO 3166-1 alpha-2; empty for what belongs to no one country."""

    US = "US", _("United States")
    MX = "MX", _("Mexico")
    CA = "CA", _("Canada")
    GT = "GT", _("Guatemala")
    HN = "HN", _("Honduras")
    SV = "SV", _("El Salvador")


class OrganizationKind(models.TextChoices):
    MINISTRY = "ministry", _("ministry")
    AGENCY = "agency", _("agency")
    EMBASSY = "embassy", _("embassy")
    COMPANY = "company", _("company")
    CHAMBER = "chamber", _("chamber")
    UNIVERSITY = "university", _("university")
    INTERNATIONAL = "international", _("international organization")
    GROUP = "group", _("binational group")
    PROGRAMME = "programme", _("program")
    LAW = "law", _("law")
    FUND = "fund", _("fund")


class PlaceKind(models.TextChoices):
    COUNTRY = "country", _("country")
    REGION = "region", _("region")
    STATE = "state", pgettext_lazy("place", "state")
    CITY = "city", _("city")
    CROSSING = "crossing", _("crossing")
    PORT_OF_ENTRY = "port_of_entry", _("port of entry")


class SourceKind(models.TextChoices):
    FACT_SHEET = "fact_sheet", _("fact sheet")
    JOINT_STATEMENT = "joint_statement", _("joint statement")
    WORK_PLAN = "work_plan", _("work plan")
    INSTRUMENT = "instrument", _("agreement or other instrument")
    PUBLICATION = "publication", _("publication")
    ANNOUNCEMENT = "announcement", _("announcement of one government")
    GROUP_DOCUMENT = "group_document", _("document of a binational group")
    NEWS = "news", _("news report")


#: Sources that speak for both governments.
JOINT_KINDS = (
    SourceKind.FACT_SHEET,
    SourceKind.JOINT_STATEMENT,
    SourceKind.WORK_PLAN,
    SourceKind.INSTRUMENT,
    SourceKind.GROUP_DOCUMENT,
)


class Mode(models.TextChoices):
    IN_PERSON = "in_person", _("in person")
    VIRTUAL = "virtual", _("virtual")
    HYBRID = "hybrid", _("hybrid")


class MeetingKind(models.TextChoices):
    MINISTERIAL = "ministerial", _("ministerial meeting")
    MID_YEAR_REVIEW = "mid_year_review", _("mid-year review")


class InitiativeKind(models.TextChoices):
    COORDINATION = "coordination", _("coordination")
    WORKS = "works", _("border works")
    STUDY = "study", _("study")
    TRAINING = "training", _("training")
    FORUM = "forum", _("forum or workshop")
    REGULATION = "regulation", _("regulatory cooperation")
    PROGRAMME = "programme", _("development program")
    SERVICE = "service", _("public service")


class Stage(models.TextChoices):
    """Entered by editors, never inferred."""

    PLANNED = "planned", _("planned")
    UNDER_WAY = "under_way", _("in progress")
    COMPLETED = "completed", _("completed")
    SUSPENDED = "suspended", _("suspended")
    CANCELLED = "cancelled", _("canceled")
    NOT_STATED = "not_stated", _("not stated")


#: Of several initiatives: Spanish has the plural.
STAGE_COUNT_LABELS = {
    Stage.PLANNED: pgettext_lazy("count of initiatives", "planned"),
    Stage.UNDER_WAY: pgettext_lazy("count of initiatives", "in progress"),
    Stage.COMPLETED: pgettext_lazy("count of initiatives", "completed"),
    Stage.SUSPENDED: pgettext_lazy("count of initiatives", "suspended"),
    Stage.CANCELLED: pgettext_lazy("count of initiatives", "canceled"),
    Stage.NOT_STATED: pgettext_lazy("count of initiatives", "status not stated"),
}


class Confidence(models.TextChoices):
    """Delivery confidence, apart from the stage."""

    ON_TRACK = "on_track", _("on track")
    AT_RISK = "at_risk", _("at risk")
    DELAYED = "delayed", _("delayed")
    NOT_STATED = "not_stated", _("not stated")


class LinkKind(models.TextChoices):
    PART_OF = "part_of", _("part of")
    BUILDS_ON = "builds_on", _("builds on")
    COMPLEMENTS = "complements", _("complements")
    CONTRIBUTES_TO = "contributes_to", _("contributes to")
    INFORMS = "informs", _("informs")
    OTHER_SIDE = "other_side", _("other side of the same crossing")


class Relation(models.TextChoices):
    """How the text ties a date to the action. EDTF has the date alone."""

    ON = "on", _("on or in")
    BY = "by", pgettext_lazy("date", "by")
    SINCE = "since", _("since")
    UNTIL = "until", _("until")


class EndReason(models.TextChoices):
    MET = "met", _("met")
    DROPPED = "dropped", _("discontinued")
    REPLACED = "replaced", _("replaced")
    MERGED = "merged", _("merged")


class Measure(models.TextChoices):
    COUNT = "count", _("count")
    PHYSICAL_PROGRESS = "physical_progress", _("physical progress")
    DESIGN_STAGE = "design_stage", _("design stage")
    TRADE = "trade", _("trade")
    COMMITTED = "committed", _("committed amount")
    MOBILIZED = "mobilized", _("mobilized amount")
    ANNOUNCED = "announced", _("announced amount")
    TARGET = "target", _("target amount")


#: Amounts of money; never summed across measures or currencies.
MONEY = (Measure.TRADE, Measure.COMMITTED, Measure.MOBILIZED, Measure.ANNOUNCED, Measure.TARGET)


class Currency(models.TextChoices):
    """ISO 4217; empty where the text names none."""

    USD = "USD", _("U.S. dollars")
    MXN = "MXN", _("Mexican pesos")
    CAD = "CAD", _("Canadian dollars")


class DateChangeReason(models.TextChoices):
    SLIPPED = "slipped", _("later than expected")
    BROUGHT_FORWARD = "brought_forward", _("moved earlier")
    MADE_PRECISE = "made_precise", _("made more precise")
    CORRECTED = "corrected", _("corrected")
    MET = "met", _("done")


class ReadingStatus(models.TextChoices):
    ACTUAL = "actual", _("actual")
    BASELINE = "baseline", _("baseline")
    TARGET = "target", _("target")


class Qualifier(models.TextChoices):
    EXACTLY = "exactly", _("exactly")
    ABOUT = "about", _("about")
    OVER = "over", _("over")
    AT_LEAST = "at_least", _("at least")
    ALMOST = "almost", _("almost")
    UP_TO = "up_to", _("up to")
    INITIAL = "initial", _("initial")


class Role(models.TextChoices):
    LEAD = "lead", _("lead")
    PARTNER = "partner", _("partner")
    HOST = "host", _("host")
    FUNDER = "funder", _("funder")
    IMPLEMENTER = "implementer", _("implementer")
    REPORTING_BODY = "reporting_body", _("reporting body")
    SUPPORTER = "supporter", _("supporter")
    PARTICIPANT = "participant", _("participant")
    RECIPIENT = "recipient", _("recipient")
    CHAIR = "chair", pgettext_lazy("role", "chair")


class SubjectKind(models.TextChoices):
    INITIATIVE = "initiative", _("initiative")
    PILLAR = "pillar", _("pillar")
    MEETING = "meeting", _("meeting")
    ORGANIZATION = "organization", _("organization")
    PLACE = "place", _("place")
    TOPIC = "topic", _("topic")
    SOURCE = "source", _("source")


class FacetKind(models.TextChoices):
    INITIATIVE = "initiative", _("initiative")
    ORGANIZATION = "organization", _("organization")
    PLACE = "place", _("place")
    TOPIC = "topic", _("topic")
