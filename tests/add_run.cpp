// SPDX-License-Identifier: GPL-2.0-only
// Makes a test of a run: copies its directory to tests/data/runs/NAME, without what belongs to this machine.
//   add_run RUN-DIRECTORY NAME
#include <fmt/format.h>

#include "tests/stored_runs.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: add_run RUN-DIRECTORY NAME\n");
    return 2;
  }
  const auto added = hangar::stored_runs::add(argv[1], argv[2]);
  if (!added) {
    fmt::print(stderr, "add_run: {}\n", added.error().message);
    return 1;
  }
  fmt::print("{}\n", added->string());
  return 0;
}
