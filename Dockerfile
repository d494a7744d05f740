# An image that refreshes and serves Dagster's pages; docs/operations.md says how to run it.
FROM python:3.13-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    FENCENG_LANDING=/data/landing \
    FENCENG_OUTPUT=/data/output \
    DAGSTER_HOME=/app

WORKDIR /app

# The lock alone first: this layer is rebuilt only when a dependency changes.
COPY requirements.run.lock ./
RUN pip install --require-hashes -r requirements.run.lock

COPY pyproject.toml README.md LICENSE NOTICE dagster.yaml ./
COPY fenceng ./fenceng
COPY orchestration ./orchestration
COPY expectations ./expectations
COPY dbt_project ./dbt_project
COPY seeds ./seeds
# Editable: the project reads its own files (seeds, models, rules) from the folder that it runs in.
RUN pip install --no-deps --no-build-isolation --editable .
# Nothing can be compiled later: the file system is read-only.
RUN python -m compileall -q fenceng orchestration expectations

# Only dbt's and Dagster's working files (var) and the output folder are writable.
RUN groupadd --gid 10001 fenceng \
    && useradd --uid 10001 --gid fenceng --home-dir /app/var --no-create-home fenceng \
    && mkdir -p /app/var /data/landing /data/output \
    && chown -R fenceng:fenceng /app/var /data/output
USER 10001:10001

ENTRYPOINT ["fenceng"]
CMD ["--help"]
