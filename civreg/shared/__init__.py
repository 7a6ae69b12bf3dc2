"""Mechanisms without a word of civil registration: clock, database, text, crypto, audit, outbox, jobs, paper."""
