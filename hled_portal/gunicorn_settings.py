"""What gunicorn itself logs has the form of all other lines; `serve` gives it everything else as options."""

import gc

from django.conf import settings

# As in manage.py; the workers inherit it.
gc.set_threshold(50_000, 20, 50)

logconfig_dict = {
    **settings.LOGGING,
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False}},
}
# Django's handler for reports by email belongs to the workers, which set up logging anew.
logconfig_dict["handlers"] = {"stderr": settings.LOGGING["handlers"]["stderr"]}
