from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("hled_portal", "0003_steps_and_release_plans")]

    operations = [
        migrations.AddField(
            "user",
            "audits",
            models.CharField(
                "audits for",
                blank=True,
                choices=[("US", "United States"), ("MX", "Mexico"), ("joint", "Both governments")],
                default="",
                help_text="Auditors only: the side that named the auditor for its own matter, or both.",
                max_length=5,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=Q(audits="") | Q(delegation="", is_superuser=False),
                name="auditor_speaks_for_no_delegation",
                violation_error_message="An auditor speaks for no delegation and does not run the system.",
            ),
        ),
    ]
