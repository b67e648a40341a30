"""What people are told: notices in the product, mails about them, and who wants which."""
