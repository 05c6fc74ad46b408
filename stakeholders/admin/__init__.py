"""The desk of stakeholders: letters, recommendations, answers and consultations; and who follows."""

from . import consultations, followers, letters, recommendations, response_drafts, responses

__all__ = ["response_drafts", "consultations", "followers", "letters", "recommendations", "responses"]
