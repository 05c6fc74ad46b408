"""The closed lists that columns of stakeholders choose from, with their labels. A leaf."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rhythm(models.TextChoices):
    AT_ONCE = "at_once", _("immediately, one email for each release")
    WEEKLY = "weekly", _("weekly, on Mondays")


class FollowKind(models.TextChoices):
    INITIATIVE = "initiative", _("initiative")
    PILLAR = "pillar", _("pillar")
    MEETING = "meeting", _("meeting")
    SELECTION = "selection", _("filtered list of initiatives")


class SenderKind(models.TextChoices):
    PERSON = "person", _("an individual")
    COMPANY = "company", _("company")
    CHAMBER = "chamber", _("chamber or business association")
    UNION = "union", _("labor union")
    UNIVERSITY = "university", _("university or research center")
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
    NOTHING = "nothing", _("do not publish anything")


class Channel(models.TextChoices):
    FORM = "form", _("portal form")
    DOCKET = "docket", _("docket of regulations.gov")
    SHEET = "sheet", _("spreadsheet of submissions")


class CaseState(models.TextChoices):
    """The state of a letter or a recommendation. Only `triage/moves.py` changes it."""

    RECEIVED = "received", _("received")
    CONSIDERED = "considered", _("under review")
    ANSWERED = "answered", _("response published")
    WITHDRAWN = "withdrawn", _("withdrawn by its sender")
    RESTRICTED = "restricted", _("restricted")


class Restriction(models.TextChoices):
    """Why something is kept from the public, or put aside."""

    CONFIDENTIAL = "confidential", _("it contains confidential business information")
    PERSONAL_DATA = "personal_data", _("it contains personal data")
    SECURITY = "security", _("it concerns security")
    UNLAWFUL = "unlawful", _("its publication is prohibited by law")
    ABUSE = "abuse", _("it is not a recommendation (advertising, insult or test)")
    OTHER = "other", _("other reason (explain)")


class Erasure(models.TextChoices):
    """How much of the personal data of a letter was erased because its period ended (docs/privacy.md)."""

    NOTHING = "", _("none")
    CONTACT = "contact", _("contact information")
    UNPUBLISHED = "unpublished", _("everything that is not published")
    ALL = "all", _("everything")


class FileKind(models.TextChoices):
    """What a file is by its content."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word (DOCX)"
    ODT = "odt", "OpenDocument (ODT)"
    JPG = "jpg", _("image (JPG)")
    PNG = "png", _("image (PNG)")
    TXT = "txt", _("plain text")


class ScanState(models.TextChoices):
    UNSCANNED = "unscanned", _("not scanned for viruses")
    WAITING = "waiting", _("awaiting virus scan")
    CLEAN = "clean", _("scanned, no virus found")
    INFECTED = "infected", _("a virus was found")


class Outcome(models.TextChoices):
    ADOPTED = "adopted", _("adopted")
    PARTLY = "partly", _("partly adopted")
    UNDER_WAY = "under_way", _("already in progress")
    NOT_ADOPTED = "not_adopted", _("not adopted")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")


class MoveAction(models.TextChoices):
    """What was done with a letter or a recommendation."""

    RECEIVED = "received", _("received")
    SPLIT = "split", _("split into recommendations")
    JOINED = "joined", _("merged with a recommendation")
    PARTED = "parted", _("separated from a recommendation")
    CONSIDERED = "considered", _("review started")
    ASSIGNED = "assigned", _("assigned")
    DUE = "due", _("response due date set")
    GROUPED = "grouped", _("added to a campaign")
    ANSWERED = "answered", _("response published")
    REOPENED = "reopened", _("reopened")
    RESTRICTED = "restricted", _("restricted")
    UNRESTRICTED = "unrestricted", _("restriction removed")
    CLEARED = "cleared", _("text and summary approved by one delegation")
    PUBLISHED = "published", _("recommendation published")
    UNPUBLISHED = "unpublished", _("recommendation removed from the public pages")
    SILENCED = "silenced", _("words of a submission no longer published")
    CORRECTED = "corrected", _("correction added by the sender")
    OBJECTED = "objected", _("sender's objection")
    REPLIED = "replied", _("response to an objection")
    CONSENT = "consent", _("consent changed by the sender")
    HANDED_OVER = "handed_over", _("contact transferred to another person")
    CONFIRMED = "confirmed", _("email address confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn by its sender")
