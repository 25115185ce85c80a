// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

// Names of Rust functions: `_RNvNtCs9jEwPDbx20M_4core9panicking9panic_fmt` is core::panicking::panic_fmt.
namespace hangar::log {

// The name in a symbol of Rust's mangling v0; empty if the symbol is none, or has parts that titles do not
// need (closures' captures, function types, constants).
[[nodiscard]] std::string rust_name(std::string_view symbol);

}  // namespace hangar::log
