"""The closed lists that columns of stakeholders choose from, with their labels. A leaf."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rhythm(models.TextChoices):
    AT_ONCE = "at_once", _("at once, one message for each release")
    WEEKLY = "weekly", _("once a week, on Monday")


class FollowKind(models.TextChoices):
    INITIATIVE = "initiative", _("initiative")
    PILLAR = "pillar", _("pillar")
    MEETING = "meeting", _("meeting")
    SELECTION = "selection", _("selection of initiatives")


class SenderKind(models.TextChoices):
    PERSON = "person", _("a person, for himself or herself")
    COMPANY = "company", _("company")
    CHAMBER = "chamber", _("chamber or business association")
    UNION = "union", _("labor union")
    UNIVERSITY = "university", _("university or research centre")
    CIVIL = "civil", _("civil society organization")
    PUBLIC = "public", _("state, local or other public body")
    OTHER = "other", _("another organization")


class Sector(models.TextChoices):
    SEMICONDUCTORS = "semiconductors", _("electronics and semiconductors")
    ICT = "ict", _("information and communications technologies, cybersecurity")
    AUTOMOTIVE = "automotive", _("automotive and transport equipment")
    MANUFACTURING = "manufacturing", _("other manufacturing")
    HEALTH = "health", _("health, medicines and medical devices")
    FOOD = "food", _("agriculture and food")
    ENERGY = "energy", _("energy")
    MINING = "mining", _("mining and critical minerals")
    ENVIRONMENT = "environment", _("environment and water")
    LOGISTICS = "logistics", _("logistics, customs and transport")
    CONSTRUCTION = "construction", _("construction and infrastructure")
    FINANCE = "finance", _("finance and insurance")
    COMMERCE = "commerce", _("commerce, tourism and other services")
    EDUCATION = "education", _("education, training and research")
    LABOUR = "labour", _("labor and employment")
    PUBLIC = "public", _("public administration")
    OTHER = "other", _("another sector")


class SenderCountry(models.TextChoices):
    """ISO 3166-1 alpha-2 of those that write; `ZZ`, which the standard leaves to its users, for any other."""

    US = "US", _("United States")
    MX = "MX", _("Mexico")
    CA = "CA", _("Canada")
    OTHER = "ZZ", _("another country")


class Consent(models.TextChoices):
    """What may be published of a letter; whatever is chosen, the governments read it."""

    NAME = "name", _("publish my recommendations with my name")
    WITHHELD = "withheld", _("publish my recommendations without my name")
    NOTHING = "nothing", _("publish nothing")


class Channel(models.TextChoices):
    FORM = "form", _("form of the portal")
    DOCKET = "docket", _("docket of regulations.gov")
    SHEET = "sheet", _("spreadsheet of letters")


class CaseState(models.TextChoices):
    """The state of a letter or a recommendation. Only `triage/moves.py` changes it."""

    RECEIVED = "received", _("received")
    CONSIDERED = "considered", _("under consideration")
    ANSWERED = "answered", _("answered")
    WITHDRAWN = "withdrawn", _("withdrawn by its sender")
    RESTRICTED = "restricted", _("restricted")


class Restriction(models.TextChoices):
    """Why something is kept from the public, or put aside."""

    CONFIDENTIAL = "confidential", _("it holds confidential business information")
    PERSONAL_DATA = "personal_data", _("it holds personal data")
    SECURITY = "security", _("it touches security")
    UNLAWFUL = "unlawful", _("the law forbids its publication")
    ABUSE = "abuse", _("it is no recommendation: advertising, insult or a test")
    OTHER = "other", _("another reason, given in words")


class FileKind(models.TextChoices):
    """What a file is by its content."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word (DOCX)"
    ODT = "odt", "OpenDocument (ODT)"
    TXT = "txt", _("plain text")


class ScanState(models.TextChoices):
    UNSCANNED = "unscanned", _("not scanned for viruses")
    WAITING = "waiting", _("waits to be scanned for viruses")
    CLEAN = "clean", _("scanned, no virus found")
    INFECTED = "infected", _("a virus was found")


class Outcome(models.TextChoices):
    ADOPTED = "adopted", _("adopted")
    PARTLY = "partly", _("partly adopted")
    UNDER_WAY = "under_way", _("already under way")
    NOT_ADOPTED = "not_adopted", _("not adopted")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")


class MoveAction(models.TextChoices):
    """What was done with a letter or a recommendation."""

    RECEIVED = "received", _("received")
    SPLIT = "split", _("split into recommendations")
    JOINED = "joined", _("joined to a recommendation")
    PARTED = "parted", _("taken out of a recommendation")
    CONSIDERED = "considered", _("taken under consideration")
    ASSIGNED = "assigned", _("assigned")
    DUE = "due", _("date for an answer set")
    GROUPED = "grouped", _("put into a campaign")
    ANSWERED = "answered", _("answered")
    REOPENED = "reopened", _("opened again")
    RESTRICTED = "restricted", _("restricted")
    UNRESTRICTED = "unrestricted", _("restriction lifted")
    CLEARED = "cleared", _("words and summary cleared by one delegation")
    PUBLISHED = "published", _("recommendation published")
    UNPUBLISHED = "unpublished", _("recommendation taken off the public pages")
    SILENCED = "silenced", _("words of a submission no longer published")
    CORRECTED = "corrected", _("correction added by the sender")
    OBJECTED = "objected", _("objection of the sender")
    REPLIED = "replied", _("objection answered")
    CONSENT = "consent", _("consent changed by the sender")
    HANDED_OVER = "handed_over", _("contact handed to another person")
    CONFIRMED = "confirmed", _("address confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn by its sender")
