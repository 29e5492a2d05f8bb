"""What a run leaves behind for those who have to trust it."""
