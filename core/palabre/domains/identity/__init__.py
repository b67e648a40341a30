"""Users, memberships and roles, sessions, registration and sign-in."""
