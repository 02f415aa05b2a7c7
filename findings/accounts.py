"""Who may do what: two groups, and an editor's way to look after accounts without becoming more than an editor."""

from django.contrib.auth.admin import UserAdmin

from curation.givenback import GivesBack
from findings.usernames import OneOfAName

LIBRARIAN, EDITOR = "Librarian", "Editor"

CURATED = {
    "findings": ["review", "theme", "finding", "keymessage", "practiceimplication", "term"],
    "sources": ["source"],
}
PARTS = {
    "findings": ["reviewsource", "citation", "termlabel", "termnote", "taggedfinding", "taggedimplication"],
    "sources": ["contributor", "notice", "taggedsource"],
    "taggit": ["tag"],
}
LIBRARIANS_ALSO = {
    "curation": ["send_for_review", "record_check", "write_comments", "view_logentry", "view_earlierslug"],
    "findings": ["work_on_text"],
}
EDITORS_ALSO = {
    "curation": ["publish_entries"],
    "sources": ["delete_source"],
    "findings": [f"delete_{model}" for model in CURATED["findings"]],
    "taggit": ["delete_tag"],
    "auth": ["add_user", "change_user", "view_user"],
}


def permissions_of(group):
    """The (app, codename) pairs of a group."""
    wanted = {(app, name) for app, names in LIBRARIANS_ALSO.items() for name in names}
    for models, acts in [(CURATED, ["add", "change", "view"]), (PARTS, ["add", "change", "view", "delete"])]:
        wanted |= {(app, f"{act}_{model}") for app, names in models.items() for model in names for act in acts}
    wanted.discard(("taggit", "delete_tag"))
    if group == EDITOR:
        wanted |= {(app, name) for app, names in EDITORS_ALSO.items() for name in names}
    return wanted


def make_groups(group_model, permission_model):
    """Make the groups, or give them again what belongs to them."""
    for name in [LIBRARIAN, EDITOR]:
        group, _ = group_model.objects.get_or_create(name=name)
        wanted = permissions_of(name)
        found = permission_model.objects.filter(
            content_type__app_label__in={app for app, _ in wanted}, codename__in={codename for _, codename in wanted}
        ).select_related("content_type")
        group.permissions.set(p for p in found if (p.content_type.app_label, p.codename) in wanted)


class NewAccountForm(OneOfAName, UserAdmin.add_form):
    pass


class AccountForm(OneOfAName, UserAdmin.form):
    pass


class AccountAdmin(GivesBack, UserAdmin):
    """An editor makes and changes accounts of librarians and editors, and nothing above that."""

    form = AccountForm
    add_form = NewAccountForm

    def get_queryset(self, request):
        users = super().get_queryset(request)
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    def get_fieldsets(self, request, obj=None):
        if request.user.is_superuser or obj is None:
            return super().get_fieldsets(request, obj)
        return [
            (None, {"fields": ["username", "password"]}),
            ("Person", {"fields": ["first_name", "last_name", "email"]}),
            ("What they may do", {"fields": ["is_active", "groups"]}),
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups" and not request.user.is_superuser:
            kwargs["queryset"] = db_field.related_model.objects.filter(name__in=[LIBRARIAN, EDITOR])
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change and not request.user.is_superuser:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
