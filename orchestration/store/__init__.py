"""The published store: releases, their months, compiled models and atomic publication."""
