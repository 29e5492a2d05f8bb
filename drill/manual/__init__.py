"""The document's procedures as a manual, written from the policy and the last drill that was proven."""
