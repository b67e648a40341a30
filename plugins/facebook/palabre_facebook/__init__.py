"""Facebook Pages as a Palabre plugin."""
