class Failed(Exception):
    """It could not be done and nothing was changed: the message says why, in words for whoever runs the site."""
