"""White-label: colour, logo, sender name and own domain of agencies and clients."""
