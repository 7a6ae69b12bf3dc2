"""Phản ánh của gia đình: a complaint about a visit or an office, read by the head only."""
