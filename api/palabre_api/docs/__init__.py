"""The documentation of the API, made from its handlers."""
