"""The embedded corpus, its labels and its guide: data."""
