"""Who did what, when: an append-only chain per client and per agency."""
