# One image for every process; docker-compose.yml and Procfile say what each runs, and how its health is checked.
# Give the digest that your registry shows: --build-arg PYTHON_IMAGE=python:3.11-slim@sha256:…
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE}

# `local` adds the emulators' packages; `production` has none of them.
ARG SET=production

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/aula

COPY requirements/ requirements/
RUN pip install --require-hashes --no-deps -r requirements/${SET}.txt \
    && useradd --system --uid 999 --no-create-home aula \
    && mkdir /data && chown aula /data

COPY alembic.ini ./
COPY alembic/ alembic/
COPY db/ db/
COPY core/ core/
COPY tasks/ tasks/
COPY workers/ workers/
COPY api/ api/
COPY landing/ landing/
COPY emulators/ emulators/
COPY scripts/ scripts/
# npm's registry; without it the seminar's page says that live video is not installed.
ARG npm_config_registry=
RUN python scripts/live_client.py
RUN ln -s /srv/aula/scripts/aula.sh /usr/local/bin/aula

# By number: a platform that demands a user other than root can see that it is.
USER 999
EXPOSE 8000
CMD ["python", "-m", "api", "--host", "0.0.0.0", "--port", "8000"]
