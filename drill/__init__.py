"""DR Drill: what a recovery drill needs and a step should not contain.

Dependencies run one way: features -> steps -> drill. Nothing here imports ``steps`` or ``backup_scripts``;
the judgement shares no code with the thing it judges.
"""
