"""A stand-in for Facebook: login dialog, Graph API for Pages, and the Pages as people see them."""
