"""What Python programs are made to write down about what they flush: its directory goes on their PYTHONPATH."""
