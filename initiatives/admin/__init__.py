"""The desk of the record: each table with its parts, its files and its verbs."""

from . import completeness, dialogue, edition, fact, filejob, initiative, plans, record_log, register

__all__ = ["completeness", "dialogue", "edition", "fact", "filejob", "initiative", "plans", "record_log", "register"]
