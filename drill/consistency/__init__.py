"""What is scheduled, held against what is promised.

``checked`` is the door: it computes what each procedure loses at worst and how old its restore points are, and finds
every promise that cannot be kept so. ``tried`` does the same for a scenario.
"""

from drill.consistency.contradiction import Contradiction
from drill.consistency.judgement import Consistency, checked
from drill.consistency.trial import tried

__all__ = ["Consistency", "Contradiction", "checked", "tried"]
