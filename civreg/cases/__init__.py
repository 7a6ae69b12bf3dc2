"""Hồ sơ: a family's request and what becomes of it, up to the result in its hands.

A request (yêu cầu) is a wish: the office promises a call. It becomes a dossier when complete papers are
taken; only then does a legal clock start, and the versions of the rules are frozen. A case has one or more
parts; a bundle is a case with several, never a special code path. The legal register stays the Ministry's
software: civreg keeps the numbers it gives. Every read starts from `queries.visible_to`; another unit's
case does not exist for the reader. Personal number, phone and ethnic group are sealed.

This feature does not book visits, make letters or count: it says what happened, through the outbox.
"""
