#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the fuzz targets with clang, ASan and UBSan, and runs them with libFuzzer.
#   tests/fuzz/run.sh [TARGET|all] [SECONDS]    SECONDS of CPU time for each target (60)
# Inputs that reach new code are kept below build/asan/fuzz/TARGET for the next time. An input that takes longer than
# HANGAR_FUZZ_TIMEOUT (20 s, by the clock) is a fault: set more on a busy host. Exit status: 1 when a target failed, 77
# without clang.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/fuzz/common.sh
. "$here/common.sh"

failed=
for target in $(targets "${1:-all}"); do
  build "fuzz_$target"
  collect "$target" "$work/$target"
  if fuzz "fuzz_$target" "$target" "${2:-60}"; then
    printf '%s: %s inputs, %s edges, %s s, no fault\n' "$target" "$(stat_of "$target")" "$(edges_of "$target")" \
      "$(seconds_of "$target")"
  else
    failed+=" $target"
    printf '%s: failed after %s edges; see %s and the input beside it\n' "$target" "$(edges_of "$target")" "$work/$target.log"
    tail -n 25 "$work/$target.log"
  fi
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
