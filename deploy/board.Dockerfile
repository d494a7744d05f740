# The board: Superset in an environment of its own; docs/board.md. Superset 6.1 does not run on Python 3.13.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    BOARD_HOME=/data/board \
    HOME=/data/board

WORKDIR /app
COPY requirements.board.lock ./
RUN pip install --require-hashes -r requirements.board.lock
COPY bi ./bi
RUN python -m compileall -q bi \
    && groupadd --gid 10001 fenceng \
    && useradd --uid 10001 --gid fenceng --home-dir /data/board --no-create-home fenceng \
    && mkdir -p /data/board \
    && chown -R fenceng:fenceng /data/board
USER 10001:10001

ENTRYPOINT ["python", "-m", "bi.superset"]
CMD ["up", "--bind", "0.0.0.0:8088"]
