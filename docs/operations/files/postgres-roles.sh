#!/bin/sh
# The roles of the processes, for compose.yaml: PostgreSQL runs this once, when it makes its data folder. The role that
# POSTGRES_USER names owns the tables.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set=ON_ERROR_STOP=1 \
    --set=app="$APP_PASSWORD" --set=reader="$READER_PASSWORD" <<'SQL'
CREATE ROLE infactor LOGIN PASSWORD :'app';
CREATE ROLE infactor_reader LOGIN PASSWORD :'reader';
SQL
