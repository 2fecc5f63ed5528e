#!/bin/sh
# Back up infactor's database and its keys. Run as root, daily: docs/operations/backup.md.
set -eu
umask 077

folder=${1:?"Usage: backup.sh FOLDER"}
stamp=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$folder/database" "$folder/keys"

# runuser starts a shell of the database's own user; the dump is written by root.
runuser -u postgres -- pg_dump --format=custom --no-owner --no-acl infactor >"$folder/database/.$stamp.partial"
mv "$folder/database/.$stamp.partial" "$folder/database/infactor-$stamp.dump"

# With the older keys of a rotation. Without them nobody reads the encrypted columns. Move this folder to another place than the dumps.
grep -E '^(FIELD_ENCRYPTION_KEYS|(FINGERPRINT|SECRET)_KEY(_FALLBACKS)?)=' /etc/infactor/infactor.env >"$folder/keys/infactor-$stamp.keys"

echo "$folder/database/infactor-$stamp.dump"
echo "$folder/keys/infactor-$stamp.keys"
