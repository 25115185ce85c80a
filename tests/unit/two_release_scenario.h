// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// A scenario that expects one thing of v6.1 and another of v6.12.
namespace hangar {

inline constexpr const char* oom_kill =
    "scenario: mine\nreproducer: {program: oom-kill, args: {fill: 80, hogs: 2}}\nkernels: [v6.1, "
    "v6.12]\nexpect:\n"
    "  - each-run: {progress: {at-least: 20}}\n"
    "  - kernels: [v6.1]\n    each-run: {oom-kills: 1}\n"
    "  - kernels: [v6.12]\n    each-run: {hang: {kind: task}}\n";

}  // namespace hangar
