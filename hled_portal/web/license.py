"""The licence of the portal's own record. The software has another (LICENSE)."""

from django.utils.translation import gettext_lazy as _

NAME = "CC-BY-4.0"
LICENSE_TITLE = "Creative Commons Attribution 4.0 International"
ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
#: What it covers, plainly.
COVERS = _(
    "The record of this portal, that is its facts, dates, readings, wording and translations, may be used, changed and "
    "passed on by anybody under the licence Creative Commons Attribution 4.0 (CC BY 4.0): name the portal, the day and "
    "the publication number, and say what you changed."
)
DOES_NOT_COVER = _(
    "It is this portal's own record. The official documents that it cites, and the names, seals and emblems of "
    "governments and bodies, are not under this licence and keep their own terms. The licence says nothing of who "
    "cleared a text: each row does."
)
