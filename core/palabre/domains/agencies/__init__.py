"""Agencies, their clients and the clients' brands."""
