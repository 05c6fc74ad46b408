"""The staff site of stakeholders: letters, recommendations, answers, consultations and followers."""

from . import consultations, followers, letters, recommendations, response_drafts, responses

__all__ = ["response_drafts", "consultations", "followers", "letters", "recommendations", "responses"]
