"""The one way out of Palabre: every outgoing HTTP request passes this package."""
