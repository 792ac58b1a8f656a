#!/bin/sh
# install.sh [FOLDER]: dpm-analytics into FOLDER, from this bundle alone. PYTHON names another Python than python3.
exec "${PYTHON:-python3}" "$(dirname "$0")/install.py" "$@"
