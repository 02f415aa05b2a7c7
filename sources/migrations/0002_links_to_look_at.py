from django.db import migrations, models


class Migration(migrations.Migration):
    while_old_code_runs = "It shows an outcome that it does not know as it stands."

    dependencies = [("sources", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(
            model_name="linkcheck",
            name="a_check_has_a_known_outcome",
        ),
        migrations.AlterField(
            model_name="linkcheck",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("alive", "Works"),
                    ("gone", "Gone"),
                    ("failed", "Does not work"),
                    ("look", "Look at it"),
                    ("unclear", "Cannot tell"),
                    ("refused", "Not looked at"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="linkcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["alive", "gone", "failed", "look", "unclear", "refused"])),
                name="a_check_has_a_known_outcome",
            ),
        ),
    ]
