"""The best model answers: over HTTP, and for files."""
