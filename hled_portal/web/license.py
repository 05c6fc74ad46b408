"""The licence of the portal's own record. The software has another (LICENSE)."""

from django.utils.translation import gettext_lazy as _

NAME = "CC-BY-4.0"
LICENSE_TITLE = "Creative Commons Attribution 4.0 International"
ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
#: What it covers, plainly.
COVERS = _(
    "Anyone may use, change and share this portal's record (its items, dates, reported values, "
    "wording and translations) under the Creative Commons Attribution 4.0 license (CC BY 4.0). "
    "Credit the portal, the date and the publication number, and state what you changed."
)
DOES_NOT_COVER = _(
    "The license covers this portal's own record. It does not cover the official documents cited, or "
    "the names, seals and emblems of governments and other bodies, which keep their own terms. The "
    "license does not indicate who approved a text; each row does."
)
