"""The desk's own tables: users, and what was released, to be read only; and what the desk of each app stands on."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from . import pages, read_only_tables, users

__all__ = ["pages", "read_only_tables", "users"]

admin.site.site_header = _("HLED Portal: desk of the delegations")
admin.site.site_title = _("HLED Portal")
admin.site.index_title = _("My desk")
