from django.db import models


class ContentVersion(models.Model):
    """The version of what is public: a random token, which triggers replace in the transaction that changes something.

    Transactions that run at once do not wait for each other and each leave a token; the next one clears up. The tokens
    together are the content version, and no two states of the content share it.
    """

    token = models.CharField(max_length=32, primary_key=True)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.token
