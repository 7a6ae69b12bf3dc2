"""Imports every models module, so that Alembic and the tests see all tables."""

from __future__ import annotations

from civreg.accounts import models as accounts
from civreg.cases import models as cases
from civreg.deadlines import models as deadlines
from civreg.feedback import models as feedback
from civreg.letters import models as letters
from civreg.procedures import models as procedures
from civreg.shared import audit, counters, files, jobs, outbox, throttle
from civreg.shared.database import Base
from civreg.statistics import models as statistics
from civreg.units import models as units
from civreg.visits import models as visits

MODULES = (
    accounts, audit, cases, counters, deadlines, feedback, files, jobs, letters, outbox, procedures, statistics, throttle, units,
    visits,
)  # fmt: skip
METADATA = Base.metadata
