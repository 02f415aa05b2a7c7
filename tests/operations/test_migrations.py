"""While a new release is put on several machines one by one, the old code runs on the new tables: it has to live."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from joinedup.operations import health

# Before these nothing was released.
FIRST_RELEASE = {label: "0001" for label in ("caching", "curation", "findings", "search", "sources")}

NOT_FOR_OLD_CODE = (
    migrations.DeleteModel,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
SPEAKS_FOR_ITSELF = (migrations.RunPython, migrations.RunSQL, migrations.SeparateDatabaseAndState)


def objection(operation, app_label, state):
    """What is wrong with an operation for code that knows nothing of it; "" if nothing is."""
    if isinstance(operation, NOT_FOR_OLD_CODE):
        return "the old code still reads what it takes away"
    if isinstance(operation, migrations.AddConstraint):
        return "the old code may write what it forbids"
    if isinstance(operation, SPEAKS_FOR_ITSELF):
        return "it may do anything"
    if isinstance(operation, migrations.AddField):
        field = operation.field
        if not (field.null or field.many_to_many or field.has_db_default()):
            return "the old code adds rows without it: give it null=True or a db_default"
    if isinstance(operation, migrations.AlterField):
        before = state.models[app_label, operation.model_name_lower].fields[operation.name]
        if in_database(before) != in_database(operation.field):
            return "the old code may not fit it"
    return ""


def in_database(field):
    _, path, arguments, options = field.deconstruct()
    return path, arguments, {name: value for name, value in options.items() if name not in field.non_db_attrs}


def objections(migration, state):
    """Of a migration that does not say, in `while_old_code_runs`, why the old code can live with it."""
    found = []
    for operation in migration.operations:
        if what := objection(operation, migration.app_label, state):
            found.append(f"{migration}: {operation.describe()}: {what}")
        operation.state_forwards(migration.app_label, state)
    return [] if getattr(migration, "while_old_code_runs", "") else found


@pytest.mark.databases
@pytest.mark.django_db
def test_the_models_have_no_change_without_a_migration():
    call_command("makemigrations", check=True, dry_run=True)


def test_the_code_of_before_lives_with_each_migration():
    loader = MigrationLoader(None)
    ours = {config.label for config in apps.get_app_configs() if settings.BASE_DIR in Path(config.path).parents}
    ours -= {label for label in ours if ".venv" in apps.get_app_config(label).path}
    new = [key for key in loader.disk_migrations if key[0] in ours and key[1][:4] > FIRST_RELEASE.get(key[0], "")]
    assert [
        found
        for key in sorted(new)
        for found in objections(loader.disk_migrations[key], loader.project_state(key, at_end=False))
    ] == []


def state():
    fields = [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=5))]
    found = ProjectState()
    found.add_model(ModelState("sources", "Thing", fields))
    return found


@pytest.mark.parametrize(
    ("operation", "is_safe"),
    [
        (migrations.AddField("thing", "n", models.IntegerField(default=0)), False),
        (migrations.AddField("thing", "n", models.IntegerField(db_default=0)), True),
        (migrations.AddField("thing", "n", models.IntegerField(null=True)), True),
        (migrations.RemoveField("thing", "name"), False),
        (migrations.RenameField("thing", "name", "title"), False),
        (migrations.DeleteModel("thing"), False),
        (migrations.AlterField("thing", "name", models.CharField(max_length=5, help_text="New.")), True),
        (migrations.AlterField("thing", "name", models.CharField(max_length=3)), False),
        (migrations.AddConstraint("thing", models.UniqueConstraint(fields=["name"], name="once")), False),
        (migrations.AddIndex("thing", models.Index(fields=["name"], name="by_name")), True),
        (migrations.CreateModel("other", [("id", models.BigAutoField(primary_key=True))]), True),
        (migrations.RunSQL("SELECT 1"), False),
    ],
    ids=str,
)
def test_what_old_code_cannot_live_with_has_to_say_why_it_can(operation, is_safe):
    migration = migrations.Migration("0099_later", "sources")
    migration.operations = [operation]
    assert (objections(migration, state()) == []) == is_safe
    migration.while_old_code_runs = "Nothing of it reads this."
    assert objections(migration, state()) == []


@pytest.mark.django_db
def test_a_machine_whose_database_lacks_a_migration_is_not_ready(client, monkeypatch):
    health.forget()
    monkeypatch.setattr(health, "missing_migrations", lambda: ["sources.0099_newer"])
    for _ in range(2):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["faults"]) == (503, ["sources.0099_newer is not applied."])
    monkeypatch.undo()
    assert client.get("/readyz").status_code == 200
