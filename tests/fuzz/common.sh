# SPDX-License-Identifier: GPL-2.0-only
# What run.sh and planted.sh share. The build is that of the preset asan (build/asan);
# HANGAR_FUZZ_BUILD names another folder.
top=$(cd "$here/../.." && pwd)
folder=${HANGAR_FUZZ_BUILD:-$top/build/asan}
work=$folder/fuzz
mkdir -p "$work"

# TARGET, or all of them.
targets() {
  if [ "$1" != all ]; then
    [ -f "$here/$1_fuzz.cpp" ] || { echo "there is no target $1; known: $(targets all | tr '\n' ' ')" >&2; exit 2; }
    echo "$1"
  else
    for file in "$here"/*_fuzz.cpp; do basename "$file" _fuzz.cpp; done
  fi
}

build() {
  if [ ! -f "$folder/build.ninja" ]; then
    command -v clang++ >/dev/null || { echo 'no clang++: libFuzzer is not there' >&2; exit 77; }
    (cd "$top" && cmake --preset asan -B "$folder" --log-level=WARNING >&2)
  fi
  ninja -C "$folder" -j "${HANGAR_FUZZ_JOBS:-$(nproc)}" "$1" >&2
}

# The committed corpus of target $1 into the folder $2, each file under a name of its own.
collect() {
  mkdir -p "$2"
  while read -r file; do
    case $file in /*) ;; *) file=$folder/$file ;; esac
    if [ -f "$file" ]; then cp "$file" "$2/$(sha256sum <"$file" | cut -c1-40)"; fi
  done <"$folder/$1.corpus"
  # The reports of real crashes, where they are beside the checkout.
  if [ "$1" = log ] && [ -d "$top/../shared/corpus/console-reports" ]; then cp "$top"/../shared/corpus/console-reports/* "$2/"; fi
}

# run_for SECONDS COMMAND...: asks the command to end (libFuzzer does so on SIGUSR1) after SECONDS of its CPU time. On a
# busy host a limit by the clock would say little about what was tried.
run_for() {
  local limit=$(($1 * $(getconf CLK_TCK))) pid stat
  shift
  "$@" &
  pid=$!
  while read -r -a stat 2>/dev/null <"/proc/$pid/stat"; do
    [ $((stat[13] + stat[14])) -lt "$limit" ] || kill -USR1 "$pid" 2>/dev/null || true
    sleep 0.5
  done
  wait "$pid"
}

# fuzz PROGRAM NAME SECONDS: for SECONDS of CPU time over the inputs in $work/NAME, with the log in $work/NAME.log.
fuzz() {
  local target=${2#planted-} words TIMEFORMAT='%U %S'
  words=(-max_len=16384 -timeout="${HANGAR_FUZZ_TIMEOUT:-20}" -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="$work/$2-")
  case $target in
    row | bundle | outcome) words+=(-dict="$here/dict/json.dict") ;;
    *) [ -f "$here/dict/$target.dict" ] && words+=(-dict="$here/dict/$target.dict") ;;
  esac
  export HANGAR_FUZZ_DICT=${words[-1]#-dict=}
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=0
  { time run_for "$3" "$folder/$1" "${words[@]}" "$work/$2" >"$work/$2.log" 2>&1; } 2>"$work/$2.time"
}

# Of the last run over $work/NAME.
seconds_of() { awk '{ printf "%.1f", $1 + $2 }' "$work/$1.time"; }

edges_of() { grep -o ' cov: [0-9]*' "$work/$1.log" | tail -n 1 | tr -dc '0-9'; }
stat_of() { sed -n 's/^stat::number_of_executed_units: *//p' "$work/$1.log"; }
