// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// Where this checkout is. In one file alone, so that ccache finds the other tests' objects from any checkout.
namespace hangar::places {

extern const char* const source;   // the top folder
extern const char* const program;  // build/hangar
extern const char* const vm_init;  // guest/vm_init.c, built

}  // namespace hangar::places
