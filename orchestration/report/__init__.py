"""The page of a release: its marts in figures, tables and charts, as one HTML file that opens from disk."""

# Where the pages are in a release; the first is the whole bank's.
FOLDER, INDEX = "report", "index.html"
