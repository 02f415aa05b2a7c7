"""Entries taken in from files, whatever the files are: plan, preview, apply, undo.

An app registers the kinds of entry that files can hold (`kinds`) and the types of file that hold them (`filetypes`).
"""
