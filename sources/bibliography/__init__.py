"""Bibliographic data: records and the files they come in, names, dates, identifiers, references, metadata.

Pure: it needs neither Django nor the rest of our code.
"""
