"""The business rules of the contract (section 14) on values of the model: what a member's answer breaks is told.

`rules.csv` lists every rule, what is done of a breach and where. `enforce` is applied to every answer on its way out,
`complete` to what enters the replica or comes from a member, `judge_reading` to readings; `life` compares two
observations.
"""

from mappings.rules.completeness import complete
from mappings.rules.enforcement import enforce
from mappings.rules.tree import judge_tree, judge_whole

__all__ = ["complete", "enforce", "judge_tree", "judge_whole"]
