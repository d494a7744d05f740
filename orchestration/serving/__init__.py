"""The published release on a database server, for tools that speak to nothing else, with rights for each person."""
