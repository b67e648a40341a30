"""Tools of the workspace: each module is one command of the Makefile."""
