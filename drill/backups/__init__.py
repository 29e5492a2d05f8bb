"""Backups: taken, counted in series, chained, kept for their term, and read from their manifests."""
