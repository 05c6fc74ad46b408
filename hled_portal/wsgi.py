"""The door through which a web server calls the portal."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hled_portal.settings")

application = get_wsgi_application()
