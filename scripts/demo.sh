#!/bin/sh
# The main job from end to end, on a synthetic county, in ./demo: each step is headed by the command it runs.
set -eu

rm -rf demo
mkdir demo
cd demo
unset MINGZHANG_DB MINGZHANG_PASSPHRASE
export PYTHONWARNINGS=ignore

# Runs a command under its own heading. The second argument is the exit code that this step is expected to end with.
step() {
    expected=$1
    shift
    printf '\n\033[1m$ %s\033[0m\n' "$*"
    code=0
    "$@" || code=$?
    if [ "$code" -ne "$expected" ]; then
        echo "demo: expected exit code $expected, found $code" >&2
        exit 1
    fi
}

step 0 mingzhang simulate county --households 60 --months 6 --seed 1
step 0 mingzhang init --origin demo.example/ledger
step 1 mingzhang import county          # 1: some rows are bad, on purpose; see rejects.csv
step 0 mingzhang audit checkpoint -o kept-elsewhere.checkpoint
step 0 mingzhang audit verify --since kept-elsewhere.checkpoint
step 0 mingzhang register caseload
step 0 mingzhang register payments --month 2024-06
step 0 mingzhang register filings       # the relatives who were not filed come first
case=$(mingzhang register recoveries --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["rows"][0]["case"])')
step 0 mingzhang case replay "$case"
step 1 mingzhang audit flags            # 1: red flags were found, with the money at stake and the entries that prove them
step 0 mingzhang register caseload --format xlsx -o caseload.xlsx --lang zh
step 1 mingzhang audit report --html report --lang zh   # 1, for the same flags

printf '\nThe ledger is demo/mingzhang.db, its keys demo/mingzhang.db.keys; open demo/report/index.html in a browser. Go on with:\n'
printf '  cd demo && ../.venv/bin/mingzhang --help\n'
