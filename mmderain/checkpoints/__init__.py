"""Checkpoints: safe loading, strict loading, description, conversion."""
