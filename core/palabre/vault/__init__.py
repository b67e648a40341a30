"""Secrets at rest: envelopes bound to their place, one data key per client and per agency."""
