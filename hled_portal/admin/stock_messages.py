"""Messages of Django's admin, named here for our catalogue: its Spanish takes every table for a masculine one, and
"añadir" where Mexico writes "agregar".
"""

from django.utils.translation import gettext_noop as N_

N_("The {name} “{obj}” was added successfully.")
N_("The {name} “{obj}” was added successfully. You may add another {name} below.")
N_("The {name} “{obj}” was changed successfully.")
N_("The {name} “{obj}” was changed successfully. You may edit it again below.")
N_("The {name} “{obj}” was changed successfully. You may add another {name} below.")
N_("The %(name)s “%(obj)s” was deleted successfully.")
N_("Successfully deleted %(count)d %(items)s.")
N_("Add %(name)s")
N_("Add %s")
N_("Add another %(verbose_name)s")
N_("Delete selected %(verbose_name_plural)s")
N_("View %s")
N_("Cannot delete %(name)s")
N_("Yes, I’m sure")
N_("No, take me back")
