# The site as a container image, for Docker and Podman: docs/operations.md.
# It runs as user 10001 with a read-only file system; only /tmp and STATE_DIR are written to.

# To pin the very bytes: docker buildx imagetools inspect shows the digest; put @sha256:… behind the tag.
FROM python:3.11.16-slim-bookworm AS base

FROM base AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv --without-pip /venv
WORKDIR /app
COPY requirements.txt .
RUN python -m pip --python /venv/bin/python install --no-compile --require-hashes --only-binary :all: \
    --requirement requirements.txt
COPY . .
# Compiled here, since nothing can be written later.
RUN STATE_DIR=/tmp/build STATIC_ROOT=/app/collected /venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash curation findings joinedup sources /venv/lib

FROM base
# pg_dump and pg_restore, for backup and restore; of the server's version, or newer.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 joinedup \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin joinedup \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/joined-up
COPY --from=builder /venv /venv
COPY --from=builder /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    BIND=0.0.0.0:8000 \
    STATE_DIR=/tmp/joined-up \
    STATIC_ROOT=/app/collected
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as ask; host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].strip().lstrip('.'); ask.urlopen(ask.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn"]
LABEL org.opencontainers.image.title="Joined-up" \
      org.opencontainers.image.description="An evidence-review knowledge base" \
      org.opencontainers.image.licenses="MIT"
