"""Palabre core: see the folders for the rooms, docs/architecture.md for the map."""
