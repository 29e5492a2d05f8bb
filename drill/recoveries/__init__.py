"""Recoveries: the clock, the moment that is aimed at, and what came back."""
