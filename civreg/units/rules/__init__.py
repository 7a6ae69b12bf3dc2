"""Quy tắc về đơn vị: how names compare and what one list changes in the one before. Pure: dates are arguments."""

from civreg.units.rules.heirs import Heirs, hamlet_key
from civreg.units.rules.lists import (
    ListedSuccessor,
    ListedUnit,
    Problem,
    read_list,
    read_successors,
    read_trees,
)
from civreg.units.rules.names import (
    Reading,
    SearchText,
    bare_name,
    clean_name,
    name_key,
    name_key_joined,
    name_sort_key,
    read_search_text,
    spoken_name,
)
from civreg.units.rules.succession import KnownUnit, ListPlan, plan_list, same_name

__all__ = [
    "Heirs",
    "KnownUnit",
    "ListPlan",
    "ListedSuccessor",
    "ListedUnit",
    "Problem",
    "Reading",
    "SearchText",
    "bare_name",
    "clean_name",
    "hamlet_key",
    "name_key",
    "name_key_joined",
    "name_sort_key",
    "plan_list",
    "read_list",
    "read_search_text",
    "read_successors",
    "read_trees",
    "same_name",
    "spoken_name",
]
