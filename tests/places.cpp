// SPDX-License-Identifier: GPL-2.0-only
#include "tests/places.h"

namespace hangar::places {

const char* const source = HANGAR_SOURCE_DIR;
const char* const program = HANGAR_PROGRAM;
const char* const vm_init = HANGAR_VM_INIT;

}  // namespace hangar::places
