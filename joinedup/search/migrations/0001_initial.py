from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="MissedSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=200)),
                ("day", models.DateField()),
                ("times", models.PositiveIntegerField(default=0)),
                ("results", models.PositiveIntegerField(default=0, verbose_name="results last time")),
            ],
            options={
                "verbose_name_plural": "missed searches",
                "ordering": ["-day", "-times", "text"],
                "constraints": [
                    models.UniqueConstraint(fields=("text", "day"), name="a_missed_search_is_counted_by_day")
                ],
            },
        ),
    ]
