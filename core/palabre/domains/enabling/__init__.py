"""Which plugins act for a client, with which settings."""
