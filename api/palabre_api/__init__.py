"""The REST API and the pages Palabre serves."""
