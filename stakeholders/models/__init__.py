"""Who follows what, letters to the governments, what triage makes of them, and the answers."""

from .authors import Author, NotifiedMove
from .consultations import Area, Consultation, ConsultationEdition, opening_and_closing
from .file_of_letters import FileOfLetters
from .follow import Digest, Follow, Follower, FollowRequest, new_handle
from .letters import (
    LONGEST_POINT,
    Attachment,
    Correction,
    Handover,
    Letter,
    LetterDraft,
    LetterPart,
    Point,
    new_number,
    private_storage,
    stored_name,
    unguessable,
)
from .responses import Response, ResponseDraft, ResponseLink
from .search_rows import RecommendationRow
from .stem_index import RecommendationWord
from .triage import (
    Asking,
    Assignment,
    Campaign,
    InitiativeLink,
    Move,
    Note,
    Objection,
    PublishedRecommendation,
    Recommendation,
    Tag,
)

__all__ = [
    "LONGEST_POINT",
    "Area",
    "Asking",
    "Assignment",
    "Attachment",
    "Author",
    "Campaign",
    "Consultation",
    "ConsultationEdition",
    "Correction",
    "Digest",
    "FileOfLetters",
    "Follow",
    "FollowRequest",
    "Follower",
    "Handover",
    "InitiativeLink",
    "Letter",
    "LetterDraft",
    "LetterPart",
    "Move",
    "Note",
    "Objection",
    "Point",
    "PublishedRecommendation",
    "Recommendation",
    "RecommendationRow",
    "RecommendationWord",
    "Response",
    "ResponseDraft",
    "ResponseLink",
    "Tag",
    "NotifiedMove",
    "new_handle",
    "new_number",
    "opening_and_closing",
    "private_storage",
    "stored_name",
    "unguessable",
]
