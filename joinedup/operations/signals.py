from django.dispatch import Signal

# Sent with `using` when a backup was restored into a database: nothing remembered of its earlier content is true.
restored = Signal()
