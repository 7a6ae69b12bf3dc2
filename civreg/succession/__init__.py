"""Sáp nhập, chia tách đơn vị: what an ended unit still holds, and the confirmed plan that gives it to the units after it.

It stands above the features because a merger touches all of them: staff, cases with their promises, visits, letters,
register books, participation. `plans` counts, `dividing` says who takes what of a split unit, `carrying` is the order
and the lock; each feature moves its own rows.
"""

from civreg.succession.carrying import CHANGED, SituationChanged, carry_out
from civreg.succession.dividing import LONGEST_REASON, Division, Wanted
from civreg.succession.plans import Holdings, Plan, plan_of, plans

__all__ = [
    "CHANGED",
    "LONGEST_REASON",
    "Division",
    "Holdings",
    "Plan",
    "SituationChanged",
    "Wanted",
    "carry_out",
    "plan_of",
    "plans",
]
