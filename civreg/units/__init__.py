"""Đơn vị: the dated tree of administrative units, who succeeded whom, and which take part in the programme.

A unit is a row `(code, valid_from)`: the statistics office re-uses codes (29461 was thị trấn Trà Cú and is
now the larger xã Trà Cú), so a code alone names nothing; everything else in civreg refers to `unit.id`.
Invariants: two rows of one code never overlap; a unit that does not change keeps one row through any number
of lists; a parent is found *by date* through `parent_code`, so a parent that changes its name forces no new
child rows; no level is hard-coded: kinds are values, and "the lowest level" means "has no child on that
day". What a list does not say is reported and never guessed.

It does not know users, cases or letters, and holds no map.
"""
