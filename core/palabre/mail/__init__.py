"""Mail to people: written with its cause, delivered afterwards, one letter at most once per try."""
