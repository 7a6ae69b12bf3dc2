"""Việc chạy nền: each kind of job as a named Celery task, and the ticks that set them in motion.

The row in the table `job` is the truth; a message carries nothing but its id. Losing the broker, a worker or a
message delays work by a lease (a minute) and loses none of it (ADR 0006).
"""
