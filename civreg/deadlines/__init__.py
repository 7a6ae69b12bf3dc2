"""Hạn: when a result must be signed, when a family is still on time, and why that day.

A deadline is a day with its reasons. The working calendar is a table of facts with sources; a year it does not
cover, or a limit that the law does not confirm, gives no day at all: an alarm, never a guess. The clock starts
when complete papers were taken (`received_at`), not when somebody asked. This feature counts; it does not
decide what a procedure's limit is (procedures) and does not move cases (cases).
"""
