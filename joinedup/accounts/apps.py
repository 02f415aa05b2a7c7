from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "joinedup.accounts"
    verbose_name = "Accounts"

    def ready(self):
        from joinedup.accounts import notes  # noqa: F401 - it hears of every note
