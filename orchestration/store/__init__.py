"""The published store: releases, their months, the compiled models, and atomic publication."""
