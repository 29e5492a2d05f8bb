"""From the report's data to what a reader sees, in a language: one module for each part of the page."""

from drill.reporting.composition.whole import composed

__all__ = ["composed"]
