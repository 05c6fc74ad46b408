"""The desk of the record: each table with its parts, its files and its verbs."""

from . import dialogue, edition, fact, initiative, register

__all__ = ["dialogue", "edition", "fact", "initiative", "register"]
