"""Người dùng: the staff who sign in, the roles they hold at units, and what each role may do.

A user holds a role *at* a unit from one day to another; the role covers that unit and everything below it that
is valid on the day. `rules.Actor` is the person of one request: services ask `actor.require(permission, unit)`,
queries ask `actor.units(permission)`. Invariants: passwords are kept as Argon2id hashes only, sessions as digests
only; a role that ended, a user who was disabled and a session that ended are refused at the very next request;
wrong tries are counted in the database and not in a cache. Families have no account, and this feature knows
nothing of cookies or pages.
"""
