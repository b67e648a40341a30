"""Work that must happen, events that happened, schedules, answers kept for repeats."""
