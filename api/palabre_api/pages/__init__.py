"""The pages of the connect window, rendered by the server: no script needed to connect."""
