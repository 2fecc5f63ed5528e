# syntax=docker/dockerfile:1
# One image for web, worker, beat and migrations; compose.yaml gives each its command. docs/operations/containers.md

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /opt/infactor
COPY requirements-bootstrap.txt requirements.txt ./
RUN python -m pip install --no-cache-dir --require-hashes -r requirements-bootstrap.txt \
    && python -m venv .venv \
    && uv pip install --no-cache --python .venv/bin/python --require-hashes -r requirements.txt
COPY manage.py ./
COPY infactor infactor
COPY quickbooks_app quickbooks_app
COPY templates templates
COPY static static
COPY docs/guide/help docs/guide/help
COPY docs/operations/files/production-tree ./
# Production settings need every secret; the local ones name the same static files and need none. Then goes what is for
# tests and development alone.
RUN DJANGO_SETTINGS_MODULE=infactor.settings.local VAR_DIR=/var/lib/infactor \
    .venv/bin/python manage.py collectstatic --noinput \
    && sed -n 's#^!/##p' production-tree >left-out \
    && xargs -a left-out rm -rf left-out production-tree

FROM python:3.13-slim-bookworm
RUN mkdir /run/infactor-web && chown 10001:10001 /run/infactor-web \
    && groupadd --system --gid 10001 infactor \
    && useradd --system --uid 10001 --gid infactor --no-create-home --home-dir /var/lib/infactor infactor
COPY --from=build /opt/infactor /opt/infactor
COPY --from=build --chown=infactor:infactor /var/lib/infactor /var/lib/infactor
WORKDIR /opt/infactor
ENV PATH=/opt/infactor/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=infactor.settings.production \
    VAR_DIR=/var/lib/infactor
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(4); s.connect('/run/infactor-web/socket'); s.sendall(b'GET /healthz HTTP/1.0\\r\\n\\r\\n'); assert b' 200 ' in s.recv(64)"]
CMD ["gunicorn", "infactor.wsgi", "--bind", "unix:/run/infactor-web/socket", "--umask", "0", "--workers", "3", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--log-level", "warning"]
