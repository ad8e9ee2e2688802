#!/bin/bash
set -e
curl --version > state/curl.txt
exec "$@"
