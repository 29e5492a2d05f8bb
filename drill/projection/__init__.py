"""From the sizes that a drill can afford to the size of production: how long it would take there, at most.

``projection.project`` is the door; ``measurements.measured`` finds what earlier runs have measured.
"""
