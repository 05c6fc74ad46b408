"""The record in the staff site: each table with its inlines, files and actions."""

from . import (
    audit_log_page,
    completeness_page,
    dialogue,
    edition_admin,
    fact_admin,
    fact_sheets,
    import_job_page,
    initiative_admin,
    register,
    release_plans,
)

__all__ = [
    "completeness_page",
    "dialogue",
    "edition_admin",
    "fact_admin",
    "fact_sheets",
    "import_job_page",
    "initiative_admin",
    "release_plans",
    "audit_log_page",
    "register",
]
