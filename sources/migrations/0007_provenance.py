from django.db import migrations, models


class Migration(migrations.Migration):
    while_old_code_runs = "Nothing was released before 1.0.0, so no old code runs beside it."

    dependencies = [
        ("sources", "0006_merging"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="checked",
            field=models.CharField(
                blank=True,
                help_text="What somebody compared with the work or its catalogue record: title, year, publisher.",
                max_length=300,
                verbose_name="facts that were checked",
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="country",
            field=models.CharField(
                blank=True,
                help_text="United States. Empty if it is not known.",
                max_length=100,
                verbose_name="where the study was done",
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="unchecked",
            field=models.CharField(
                blank=True,
                help_text="What is taken from a list of references as it stands there: volume, issue.",
                max_length=300,
                verbose_name="facts that were not checked",
            ),
        ),
        migrations.AlterField(
            model_name="source",
            name="note",
            field=models.TextField(
                blank=True, help_text="What a reader of the record should know.", verbose_name="note on the record"
            ),
        ),
        migrations.AlterField(
            model_name="source",
            name="study_design",
            field=models.CharField(
                blank=True,
                choices=[
                    ("systematic-review", "Systematic review"),
                    ("research-review", "Research review"),
                    ("trial", "Controlled trial"),
                    ("follow-up-study", "Follow-up study"),
                    ("survey", "Survey"),
                    ("interview-study", "Interview study"),
                    ("qualitative-study", "Qualitative study"),
                    ("mixed-methods", "Mixed-methods study"),
                    ("practice-text", "Textbook, no new research"),
                    ("theory", "Theory"),
                    ("policy", "Policy or guidance"),
                ],
                max_length=30,
            ),
        ),
    ]
