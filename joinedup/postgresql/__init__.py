"""Django's PostgreSQL, which tells `joinedup.databases` of every error."""
