"""The portal's own admins (users; releases, read-only), and the base of the admins of both apps."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from . import pages, read_only_tables, users

__all__ = ["pages", "read_only_tables", "users"]

admin.site.site_header = _("HLED Portal: staff site")
admin.site.site_title = _("HLED Portal")
admin.site.index_title = _("My dashboard")
