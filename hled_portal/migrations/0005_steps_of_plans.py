import django.db.models.deletion
from django.db import migrations, models

ACTIONS = [
    ("proposed", "proposed"),
    ("keyed", "key set"),
    ("taken_back", "key taken back"),
    ("returned", "returned with a comment"),
    ("replaced", "replaced by a new proposal"),
    ("planned", "put into a release"),
    ("unplanned", "taken out of a release"),
    ("released", "released"),
    ("withdrawn", "withdrawn"),
    ("made", "release planned"),
    ("changed", "name, meeting or minute changed"),
    ("agreed", "agreed to the release"),
    ("disagreed", "agreement taken back"),
    ("failed", "could not go out"),
    ("deleted", "empty release deleted"),
]


class Migration(migrations.Migration):
    dependencies = [("hled_portal", "0004_auditors_of_a_side")]

    operations = [
        migrations.AlterField("step", "action", models.CharField("step", choices=ACTIONS, max_length=10)),
        migrations.AddField("step", "plan_pk", models.PositiveBigIntegerField("release to come", null=True)),
        migrations.AddIndex("step", models.Index(fields=["plan_pk"], name="step_of_plan")),
        migrations.CreateModel(
            "UntoldStep",
            [
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="untold",
                        serialize=False,
                        to="hled_portal.step",
                        verbose_name="step",
                    ),
                ),
            ],
            options={
                "verbose_name": "step not told of yet",
                "verbose_name_plural": "steps not told of yet",
                "ordering": ["pk"],
            },
        ),
    ]
