#!/bin/sh
# Measures a server by wrk (apt-get install wrk): known users, then new ones. The client runs on the same machine.
#
#     USERS=vectors/users.ids.txt ITEMS=vectors/items.ids.txt sh load.sh http://127.0.0.1:8080 [CONNECTIONS] [SECONDS]
set -eu
here=$(dirname "$0")
address=$1 connections=${2:-16} seconds=${3:-20}
wrk --threads 1 --connections "$connections" --duration 3s --script "$here/known.lua" "$address" > /dev/null
echo "known users, $connections connections"
wrk --threads 1 --connections "$connections" --duration "${seconds}s" --latency --script "$here/known.lua" "$address" | tail -1
[ "${KNOWN_ONLY:-}" ] && exit
echo "new users, $connections connections"
wrk --threads 1 --connections "$connections" --duration "${seconds}s" --latency --script "$here/unknown.lua" "$address" | tail -1
