#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Checks that libFuzzer finds the fault that is planted in each target (fuzz.h), from the committed corpus alone.
#   tests/fuzz/planted.sh [TARGET|all] [SECONDS]    SECONDS of CPU time at most for each target (60)
# Exit status: 1 when a fault was not found in time, 77 without clang.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/fuzz/common.sh
. "$here/common.sh"

missed=
for target in $(targets "${1:-all}"); do
  build "planted_$target"
  rm -rf "$work/planted-$target"
  collect "$target" "$work/planted-$target"
  if fuzz "planted_$target" "planted-$target" "${2:-60}"; then
    missed+=" $target"
    echo "$target: the planted fault was not found in ${2:-60} s"
  elif grep -q '^planted fault' "$work/planted-$target.log"; then
    echo "$target: found in $(seconds_of "planted-$target") s, after $(edges_of "planted-$target") edges"
  else
    missed+=" $target"
    echo "$target: failed for another reason"
    tail -n 25 "$work/planted-$target.log"
  fi
done
[ -z "$missed" ] || { echo "not found:$missed"; exit 1; }
