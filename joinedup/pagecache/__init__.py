"""Answers to the public, kept for as long as nothing that they show has changed: docs/caching.md.

A public page is a function of its address, of what its client accepts, of the content's stamp, of the release and the
day. All of these are in its key, so that nothing that is kept ever becomes wrong: it is no longer asked for.
"""
