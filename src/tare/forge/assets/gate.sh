#!/usr/bin/env bash
# Both sides of a change as reports of tare, then `tare gate`: one comment on the request, and exit code 1 when it must not pass.
#
# Variables: GATE_PATH (the project, default .), GATE_BEFORE_PATH (a checkout of the target branch; empty: nothing to compare
# with), GATE_AFTER_IMAGE and GATE_BEFORE_IMAGE (references; empty: built here with docker), GATE_DB (advisory database; empty: no
# scan), GATE_FAIL_ON_NEW (default high), GATE_COMMENT (github, gitlab or empty), GATE_KEY (default tare).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1 means findings, which the gate judges; everything above is an error.
judged() { "$@" || [ $? -eq 1 ]; }

# report SIDE PATH IMAGE: the reports of one side, as files in $work/SIDE
report() {
  local side=$1 project=$2 image=$3
  mkdir "$work/$side"
  if [ -z "$image" ]; then
    image=docker-daemon:tare-gate-$side:latest
    docker build --quiet --tag "tare-gate-$side:latest" "$project" > "$work/build.log" || { cat "$work/build.log" >&2; return 2; }
  fi
  judged tare lint --format json "$project" > "$work/$side/lint.json" || return 2
  judged tare inspect --quiet --format json "$image" > "$work/$side/inspect.json" || return 2
  tare cache --what source --quiet --format json "$project" > "$work/$side/cache.json" || rm -f "$work/$side/cache.json"
  if [ -n "${GATE_DB:-}" ]; then
    judged tare scan --quiet --db "$GATE_DB" --fail-on never --format json "$image" > "$work/$side/scan.json" || return 2
  fi
}

report after "${GATE_PATH:-.}" "${GATE_AFTER_IMAGE:-}"
words=(--fail-on-new "${GATE_FAIL_ON_NEW:-high}" --key "${GATE_KEY:-tare}" --format markdown)
if [ -n "${GATE_BEFORE_PATH:-}" ]; then
  if report before "$GATE_BEFORE_PATH" "${GATE_BEFORE_IMAGE:-}"; then
    for file in "$work"/before/*.json; do
      if [ -e "$work/after/${file##*/}" ]; then words+=(--before "$file"); fi
    done
  else
    echo "the target branch could not be read; nothing is compared with it" >&2
  fi
fi
if [ -n "${GATE_COMMENT:-}" ]; then words+=(--comment "$GATE_COMMENT"); fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then words+=(--summary "$GITHUB_STEP_SUMMARY"); fi
tare gate "${words[@]}" "$work"/after/*.json
