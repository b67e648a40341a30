"""The one door to PostgreSQL: scopes, walls, table helpers, roles and migrations."""
