"""The suite as pytest plugins; nothing else in ``drill`` knows pytest."""
