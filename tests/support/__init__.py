"""Shared by the tests: houses (landing zone, output folder and command), small banks and stores, test policies."""
