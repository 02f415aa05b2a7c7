class Failed(Exception):
    """An operation failed and changed nothing. The message says why, in words for whoever runs the site."""
