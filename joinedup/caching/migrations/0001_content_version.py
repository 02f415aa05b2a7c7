from django.db import migrations, models


class Migration(migrations.Migration):
    """The triggers are installed after every `migrate`."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="ContentVersion",
            fields=[("token", models.CharField(max_length=32, primary_key=True, serialize=False))],
            options={"default_permissions": ()},
        ),
    ]
