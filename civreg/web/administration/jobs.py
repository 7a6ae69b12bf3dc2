"""Việc bị dừng: work that failed too often and waits for a person's decision."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.shared import audit, jobs
from civreg.shared.database import transaction
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint

JOB_WORDS = {
    "letters.draft": "Soạn thư",
    "letters.issue": "Cấp số và in thư ra tệp",
    "letters.schedule": "Xếp thư theo lịch đến nhà",
    "statistics.fold": "Ghi số liệu",
}
"""What the kinds of work are called on the page; another kind shows its own name."""


@blueprint.get("/viec")
@page(permission=Permission.JOBS_MANAGE)
def parked_jobs() -> str:
    """List the parked work, the oldest first."""
    with transaction(db.session()) as session:
        rows = jobs.parked(session)
        counts = jobs.count_by_state(session)
    return render_template("administration/jobs.html", rows=rows, counts=counts, job_words=JOB_WORDS)


@blueprint.post("/viec/<uuid:job_id>/chay-lai")
@page(permission=Permission.JOBS_MANAGE)
def retry_job(job_id: UUID) -> ResponseReturnValue:
    """Give one parked piece of work another round."""
    with transaction(db.session()) as session:
        jobs.retry(session, job_id)
        audit.record(
            session,
            "job.retried",
            unit_id=None,
            actor_id=current_actor().user_id,
            subject_type="job",
            subject_id=job_id,
        )
    flash("Đã cho chạy lại. Ông/bà tải lại trang sau một phút để xem kết quả.", "success")
    return redirect(url_for("administration.parked_jobs"))
