// SPDX-License-Identifier: GPL-2.0-only
// Compiled into the ELF file that the fuzz target for symbols starts from.
const char linux_banner[] = "Linux version 6.1.0 (fuzz)";
int fuzz_seed_object = 3;
int fuzz_seed_function(int value);
static inline int inlined(int value) {
  return value * fuzz_seed_object;
}
int fuzz_seed_function(int value) {
  return inlined(value) + 1;
}
