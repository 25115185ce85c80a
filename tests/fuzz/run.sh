#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds the fuzz target of the log engine with clang, ASan and UBSan, and runs it: run.sh SOURCE BUILD SECONDS.
# Seeds are our own fixtures and, when it lies beside the checkout, the corpus. Exit 77 means that it cannot run here.
set -eu
source=$1 build=$2 seconds=$3
compiler=$(command -v clang++ || command -v clang++-14) || { echo "no clang++: the fuzz target cannot be built"; exit 77; }
mkdir -p "$build/objects" "$build/corpus"
launcher=$(command -v ccache || true)
objects=
for file in "$source"/harness/log/*.cpp "$source"/harness/base/result.cpp "$source"/harness/base/text.cpp \
    "$source"/harness/base/fd.cpp "$source"/harness/base/cancel.cpp "$source"/tests/fuzz/log_fuzz.cpp; do
  object=$build/objects/$(basename "$file").o
  objects="$objects $object"
  $launcher "$compiler" -std=c++20 -O1 -g1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -I "$source" -c "$file" -o "$object"
done
# shellcheck disable=SC2086
"$compiler" -fsanitize=fuzzer,address,undefined $objects -lhs -llzma -lzstd -lz -ldw -lelf -lfmt -lpthread -o "$build/log_fuzz"
find "$source/tests/data/log" -name '*.log' -exec cp {} "$build/corpus/" \;
[ -d "$source/../shared/corpus/console-reports" ] && cp "$source"/../shared/corpus/console-reports/* "$build/corpus/"
cd "$build"
exec ./log_fuzz -max_total_time="$seconds" -max_len=16384 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
  -dict="$source/tests/fuzz/log.dict" corpus
