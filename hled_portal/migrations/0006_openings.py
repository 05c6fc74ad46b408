import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hled_portal", "0005_steps_of_plans")]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=60, verbose_name="table")),
                ("text_pk", models.PositiveBigIntegerField(verbose_name="row")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened at")),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="openings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="officer",
                    ),
                ),
            ],
            options={
                "verbose_name": "text opened",
                "verbose_name_plural": "texts opened",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("officer", "table", "text_pk"),
                        name="opening_once",
                        violation_error_message="The officer has opened this text already.",
                    )
                ],
            },
        ),
    ]
