"""Public answers, kept for as long as nothing that they show has changed: docs/caching.md.

A public page is a function of its address, of what its client accepts, of the content version, of the build id and of
the day. Its key is a digest of all of these, so that nothing that is kept becomes wrong: it is no longer asked for.
"""
