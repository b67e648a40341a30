"""API keys of clients: secret ones for REST, publishable ones that name sites."""
