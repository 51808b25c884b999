"""Drops on the lens, seen by time and filled from neighbours."""
