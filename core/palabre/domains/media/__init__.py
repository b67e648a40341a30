"""The client's library of files."""
