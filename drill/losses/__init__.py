"""Acknowledged writes and what of them is lost: measured, compared between ways of keeping data, at worst."""
