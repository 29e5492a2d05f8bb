"""The commands that the policy names, run as an operator would run them."""
