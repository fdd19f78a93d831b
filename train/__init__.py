"""Labelled articles become a registered model."""
