"""Pieces: what a client wants to say."""
