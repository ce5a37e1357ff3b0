# Meltano with the four taps and target-pg: for cron, Kubernetes jobs, or a worker of Airflow's.
#
#   docker build --tag frontline-taps .                     Meltano alone
#   docker build --tag frontline-airflow --target airflow . with Airflow and the DAGs
#
# Settings and secrets come as environment variables, state goes to MELTANO_DATABASE_URI.
FROM python:3.12-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never \
    MELTANO_SEND_ANONYMOUS_USAGE_STATS=false
# tini passes SIGTERM on, to Meltano and all that it started: the first process of a container has no
# default for it. The version is Debian's, for as long as the base image's name says so.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 taps \
    && install --directory --owner=taps /project /opt/airflow
WORKDIR /project
USER 10001

FROM base AS meltano
# The same uv as on a developer's machine, in an environment of its own.
RUN python -m venv /home/taps/uv && /home/taps/uv/bin/pip install --no-cache-dir uv==0.13.9
ENV PATH=/project/.venv/bin:/home/taps/uv/bin:$PATH
COPY --chown=10001 . .
# Meltano makes an environment for each plugin; a run installs nothing any more.
RUN uv sync --locked --no-default-groups --group demo --extra pg \
    && meltano install tap-flow tap-giosg tap-crewmojo tap-xoi target-pg \
    && meltano --version
STOPSIGNAL SIGTERM
# -g: the whole process group gets the signal. Meltano lets tap and loader finish what is in flight.
ENTRYPOINT ["tini", "-g", "--"]
CMD ["meltano", "--help"]

FROM meltano AS airflow
RUN uv venv /opt/airflow/venv \
    && uv pip install --python /opt/airflow/venv -r orchestrate/requirements.txt
ENV PATH=/opt/airflow/venv/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/project/orchestrate \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    MELTANO_EXECUTABLE=/project/.venv/bin/meltano
# Without -g: a worker that is told to end lets its tasks finish first. Give it the time of a shard.
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "celery", "worker"]

# What `docker build` makes without --target.
FROM meltano
