"""Plugins that come with core: each module here is one, its name is its key, same hooks as others.

They are part of the product: on for every client, without a row that enables them.
"""
