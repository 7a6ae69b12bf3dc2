"""Lịch đến nhà: an officer goes to a family to take papers or to bring the result, for one case or several.

A booking is a promise of time: two bookings of one officer never overlap, the database sees to it. What was done is
a record, not a promise: it may overlap, may be written afterwards, and is never refused for the hour it happened.
Festivals of the Khmer close the slots that are offered, never a legal clock. A booking moves a case from
"yêu cầu mới" to "đã hẹn đến nhà"; losing the last booking moves it back. This feature does not take papers (cases),
does not carry letters (letters), and finds no routes except in `routing`.
"""
