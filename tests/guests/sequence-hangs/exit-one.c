// SPDX-License-Identifier: GPL-2.0-only
// Fails, as a step may.
int main(void) {
  return 1;
}
