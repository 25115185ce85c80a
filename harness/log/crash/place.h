// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

// What a source file of the kernel is for, as far as blame goes: a report is not named after the code that
// prints it, nor after a library function, a lock or an allocator that works for its caller. The path
// decides.
namespace hangar::log {

// The kinds of infrastructure. A class of crash skips some of them (crash_table.cpp), each skips
// `skip_always`.
enum Skip : unsigned {
  skip_none = 0,
  skip_locks = 1U << 0,    // lock and wait primitives
  skip_alloc = 1U << 1,    // allocators
  skip_timers = 1U << 2,   // timer and interrupt dispatch, queues of work
  skip_devices = 1U << 3,  // driver core and kobjects
  skip_crypto = 1U << 4,
  skip_printk = 1U << 5,
  skip_lists = 1U << 6,
  skip_free = 1U << 7,       // generic destructors: iput, dput
  skip_any_alloc = 1U << 8,  // whatever has alloc in its name: a leak's caller is what matters
  skip_proc = 1U << 9,       // who registers files in /proc
  skip_always = 1U << 10,    // report printing, sanitizers, entry code, string and memory primitives
};

// The kind of `path` (relative to the kernel's tree); skip_none if its functions can be blamed.
[[nodiscard]] unsigned kind_of_file(std::string_view path);

// The kind of `function`, which `path` defines: the exceptions of a file are functions.
[[nodiscard]] unsigned kind_of_function(std::string_view function, std::string_view path);

}  // namespace hangar::log
