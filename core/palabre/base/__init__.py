"""What every room stands on: settings, ids, the clock, errors, words."""
