"""The data dictionary: a page of every table and column, and the two contracts in the Open Data Contract Standard."""

# Beside the page of a release.
FILE = "dictionary.html"
