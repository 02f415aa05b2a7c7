"""Nothing that was written is lost: backups, what proves that one is whole, and changes of the schema under traffic."""

from django.dispatch import Signal

# Sent with `using` when the content of a database was put in the place of another: whoever remembers something of what
# was there has to forget it.
restored = Signal()
