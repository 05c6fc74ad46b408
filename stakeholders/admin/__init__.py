"""The desk of stakeholders: letters, recommendations, answers and consultations; and who follows."""

from . import answering, consultations, followers, letters, recommendations, responses

__all__ = ["answering", "consultations", "followers", "letters", "recommendations", "responses"]
