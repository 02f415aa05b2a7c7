from django.db import models


class ContentStamp(models.Model):
    """The stamp of what is public: a random token, put in the place of the earlier one by triggers in the transaction
    that changed something (`triggers`). Transactions that run at once do not wait for each other and each leave a
    token; the next one clears up. The tokens together are the stamp, and no two states of the content share it.
    """

    token = models.CharField(max_length=32, primary_key=True)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.token
