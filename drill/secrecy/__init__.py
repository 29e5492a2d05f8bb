"""Who can read a backup: keys of the drill's own, and what can be read without one."""
