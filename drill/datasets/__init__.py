"""What the disposable estate holds: deterministic from a seed, multiplied by a scale."""
