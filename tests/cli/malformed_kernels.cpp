// SPDX-License-Identifier: GPL-2.0-only
// Of the commands about kernels: their sources, configurations, patches and the cache.
#include "tests/cli/malformed.h"

namespace hangar::cli_tests {
namespace {

Cases of_build() {
  return {
      {"$hangar build $long", 2, "nnn"},
      {"$hangar build ''", 2, "empty"},
      {"$hangar build v6.l", 2, "v6.1"},
      {"$hangar build ./none.yaml", 2, "none.yaml"},
      {"$hangar build ./noise", 2, "noise"},
      {"$hangar build ./empty", 2, "empty"},
      {"$hangar build ./folder", 2, "folder"},
      {"$hangar build ./broken.yaml", 2, "broken.yaml"},
      {"$hangar build --jobs 0 v6.1", 2, "--jobs"},
      {"$hangar build --jobs nan v6.1", 2, "--jobs"},
      {R"(printf $'source: 3\n' >k.yaml; $hangar build ./k.yaml)", 2, "source"},
      {R"(printf $'source: {debian: [a]}\n' >k.yaml; $hangar build ./k.yaml)", 2, "debian"},
      {R"(printf $'base: nokernel\n' >k.yaml; $hangar build ./k.yaml)", 2, "nokernel"},
      {R"(printf $'source: {tree: ./none}\n' >k.yaml; $hangar build ./k.yaml)", 2, "none"},
      {"$hangar build ./$long", 2, "nnn"},
      {"$hangar build $deep", 2, "d/d/d"},
      {"$hangar build ./loop", 2, "loop"},
      {"$hangar build ./dangling", 2, "dangling"},
      {"truncate -s 1T k.yaml; $hangar build ./k.yaml", 2, "8 MiB"},
      {R"(printf $'base: v6.1\npatches: [none-such]\n' >k.yaml; $hangar build ./k.yaml)", 2, "none-such"},
      {R"(printf $'base: v6.1\ncmdline: [a]\n' >k.yaml; $hangar build ./k.yaml)", 2, "cmdline"},
      {R"(printf $'base: v6.1\nnonsense: 1\n' >k.yaml; $hangar build ./k.yaml)", 2, "nonsense"},
  };
}

Cases of_config() {
  return {
      {"$hangar config ", 2, "missing argument diff"},
      {"$hangar config diff", 2, "missing argument KERNEL|PATH"},
      {"$hangar config dif a b", 2, "diff"},
      {"$hangar config diff $long v6.1", 2, "nnn"},
      {"$hangar config diff ./$long v6.1", 2, "nnn"},
      {"$hangar config diff ./none v6.1", 2, "none"},
      {"$hangar config diff ./loop v6.1", 2, "loop"},
      {"$hangar config diff ./noise ./empty", 2, "noise"},
      {"$hangar config diff ./folder ./folder", 2, "folder"},
      {"$hangar config diff '' v6.1", 2, "empty"},
      {"$hangar config diff a b c d", 2, "not expected"},
      {"$hangar config diff v6.l v6.1", 2, "v6.l"},
      {"$hangar config diff v6.1 v6.l", 2, "v6.l"},
      {"$hangar config diff v6.1 ./none; s=$?; [ -e home ] && echo touched >&2; exit $s", 2, "none"},
      {"$hangar config diff v6.1 ./noise", 2, "noise"},
      {"cp noise a.config; $hangar config diff v6.1 ./a.config", 2, "a.config"},
      {"$hangar config diff /dev/zero v6.1", 2, "/dev/zero"},
  };
}

Cases of_cache() {
  return {
      {"$hangar cache $long", 2, "nnn"},
      {"$hangar cache pruen", 2, "prune"},
      {"$hangar cache ''", 2, "empty"},
      {"$hangar cache prune --to ''", 2, "--to"},
      {"$hangar cache prune --to nan", 2, "nan"},
      {"$hangar cache prune --to -1GiB", 2, "-1GiB"},
      {"$hangar cache prune --to 1e999GiB", 2, "1e999"},
      {"$hangar cache prune --to 10", 2, "10"},
      {"$hangar cache list --to 1GiB", 2, "--to"},
      {"$hangar cache prune verify", 2, "verify"},
      {"mkdir -p home/cache/kernels/0123; printf $'[]' >home/cache/kernels/0123/manifest.json; $hangar cache "
       "--json",
       0, ""},
      {R"(mkdir -p home/cache/kernels/0123; printf $'{"release":5}' >home/cache/kernels/0123/manifest.json; $hangar cache --json)",
       0, ""},
      {R"(mkdir -p home/cache/kernels/0123; printf $'{"release":"x","config":3,"patches":{}}' >home/cache/kernels/0123/manifest.json; $hangar cache --json)",
       0, ""},
      {R"(mkdir -p home/cache/kernels/0123; printf $'\xff' >home/cache/kernels/0123/manifest.json; $hangar cache --json)",
       0, ""},
      {"mkdir -p home/cache/kernels/0123; printf $'' >home/cache/kernels/0123/manifest.json; $hangar cache "
       "--json",
       0, ""},
      {R"(mkdir -p home/cache/sources/0123; printf '{"digest":5,"label":[]}' >home/cache/sources/a.json; $hangar cache --json)",
       0, ""},
      {R"(mkdir -p home/cache/objects/a/b; printf '{"built_at":5}' >home/cache/objects/a/b/slot.json; $hangar cache --json)",
       0, ""},
      {"$hangar cache prune --to 1GiB --home noise", 2, "noise"},
      {"$hangar cache >/dev/full", 3, "standard output"},
      {"mkdir home; chmod 555 home; nobody $hangar cache limit --to 1GiB", 3, "home"},
  };
}

Cases of_import() {
  return {
      {"$hangar import ", 2, "import"},
      {"$hangar import none.mbox", 2, "none.mbox"},
      {"$hangar import ''", 2, "empty"},
      {"$hangar import $long", 2, "nnn"},
      {"$hangar import noise", 2, "no diff and no program"},
      {"$hangar import empty", 2, "no diff and no program"},
      {"$hangar import folder", 2, "folder"},
      {"$hangar import loop", 2, "loop"},
      {"$hangar import dangling", 2, "dangling"},
      {"$hangar import /dev/zero", 2, "64 MiB"},
      {"truncate -s 1T huge.mbox; $hangar import huge.mbox", 2, "64 MiB"},
      {"mkdir p; ln -s /dev/zero p/series; $hangar import p", 2, "p"},
      {R"(printf -- '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n' >o.patch; $hangar import o.patch --onto v6.1 --base v6.l; s=$?; [ -e home ] && echo touched >&2; exit $s)",
       2, "v6.l"},
      {"$hangar import good.log", 2, "no diff and no program"},
      {R"(printf -- '--- a/../../x\n+++ b/../../x\n@@ -1 +1 @@\n-x\n+y\n' >out.patch; $hangar import out.patch)",
       2, "../../x"},
      {"$hangar import good.log --name ../x", 2, "--name"},
      {"$hangar import good.log --base v6.1", 2, "--base"},
      {"$hangar import good.log --name $long", 2, "--name"},
      {"$hangar import good.log --name -x", 2, "--name"},
      {"$hangar import good.log -o 'a b'", 2, "--output a b"},
      {"$hangar import good.log -o $long/", 2, "--output"},
      {"$hangar import noise --onto ''", 2, "--onto"},
      {"$hangar import $deep", 2, "d/d/d"},
      {"printf 'x' >locked.patch; locked locked.patch; nobody $hangar import locked/locked.patch", 2,
       "locked"},
  };
}

Cases of_update() {
  return {
      {"$hangar update ", 2, "missing argument"},
      {"$hangar update ''", 2, "empty"},
      {"$hangar update $long", 2, "nnn"},
      {"$hangar update v6.l", 2, "v6.1"},
      {"$hangar update v6.1 v6.l; s=$?; [ -e home ] && echo touched >&2; exit $s", 2, "v6.1"},
      {R"(printf $'source: {debian: linux-source, lock: ../x}\n' >k.yaml; $hangar update ./k.yaml)", 2,
       "`../x`"},
      {"$hangar update ./none.yaml", 2, "none.yaml"},
      {"$hangar update ./noise", 2, "noise"},
      {"$hangar update ./empty", 2, "empty"},
      {"$hangar update ./folder", 2, "folder"},
      {"$hangar update ./broken.yaml", 2, "broken.yaml"},
      {R"($hangar update $'\xff')", 2, R"(\xff)"},
      {"$hangar update ./$long", 2, "nnn"},
      {"$hangar update ./loop", 2, "loop"},
  };
}

}  // namespace

Cases malformed_kernels() {
  return joined({of_build, of_config, of_cache, of_import, of_update});
}

}  // namespace hangar::cli_tests
