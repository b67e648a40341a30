"""PostgreSQL and Valkey without installation, and the demo that runs on them."""
