"""The host's side of the plugin contract: loading, choosing, calling, settings, enabling."""
