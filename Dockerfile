# One image for web, worker and beat; the servers are images of their own (docker-compose.yml).
FROM python:3.11-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TZ=Asia/Ho_Chi_Minh
WORKDIR /srv/civreg
COPY requirements.txt .
RUN python -m pip install --no-cache-dir --require-hashes -r requirements.txt \
    && useradd --system --home /srv/civreg civreg \
    && install -d -o civreg -m 700 /var/lib/civreg
COPY app.py gunicorn.conf.py ./
COPY civreg civreg
COPY workers workers
COPY templates templates
COPY static static
COPY migrations migrations
USER civreg
EXPOSE 8000
CMD ["gunicorn", "app:app", "--bind", "0.0.0.0:8000"]
