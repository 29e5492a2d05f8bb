"""Disposable servers: what they can suffer and what they hold."""
