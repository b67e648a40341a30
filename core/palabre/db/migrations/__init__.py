"""Migrations: one head, revision ids are UTC timestamps, run by the owner role only."""
