// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

// The names of kernels compose: `v6.1+memcg`, `v6.1-oom-2015+swap`, `~/linux+debuginfo` are a spec, or the
// path of one, and the fragments and series that are added to it, in this order.
namespace hangar {

struct KernelName {
  std::string base;
  std::vector<std::string> parts;
};

// Splits at each `+`. When the name begins with a path that has a `+` itself, base is the longest beginning
// that exists.
[[nodiscard]] KernelName split_kernel_name(const std::string& name);

// The name as it is written now: rows, scenarios and command lines of older versions have `v6.1-memcg` for
// what is `v6.1+memcg` today. Any other name is returned as it is.
[[nodiscard]] std::string current_kernel_name(const std::string& name);

// What a composed name consists of with fewer parts, the longest first: of `v6.1+kcore+slab` `v6.1+kcore` and
// `v6.1`.
[[nodiscard]] std::vector<std::string> shorter_kernel_names(std::string_view name);

}  // namespace hangar
