"""Decides from the evidence alone whether something may be released."""
