"""Work that must happen, events that happened, schedules that make work, answers kept for repeats."""
