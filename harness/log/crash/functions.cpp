// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/functions.h"

#include <algorithm>

namespace hangar::log {
namespace {

constexpr std::size_t names_per_block = 16;
constexpr std::size_t max_name = 255;

std::size_t shared(std::string_view a, std::string_view b) {
  const auto end = std::min(a.size(), b.size());
  std::size_t n = 0;
  while (n < end && a[n] == b[n]) ++n;
  return n;
}

std::size_t byte(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::string_view first_name(const FunctionTable& table, std::size_t block) {
  const auto at = table.blocks[block];
  return table.bytes.substr(at + 3, byte(table.bytes, at + 1));
}

}  // namespace

PackedFunctions pack_functions(const std::vector<NamedKind>& names) {
  PackedFunctions out;
  std::string_view before;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = std::string_view(names[i].name).substr(0, max_name);
    const bool begins = i % names_per_block == 0;
    if (begins) out.blocks.push_back(static_cast<std::uint32_t>(out.bytes.size()));
    const auto same = begins ? 0 : shared(before, name);
    auto kind = std::find(out.kinds.begin(), out.kinds.end(), names[i].kind);
    if (kind == out.kinds.end()) kind = out.kinds.insert(kind, names[i].kind);
    out.bytes += static_cast<char>(same);
    out.bytes += static_cast<char>(name.size() - same);
    out.bytes += static_cast<char>(kind - out.kinds.begin());
    out.bytes += name.substr(same);
    before = name;
  }
  return out;
}

unsigned kind_in(const FunctionTable& table, std::string_view name) {
  std::size_t begin = 0;
  std::size_t end = table.blocks.size();
  while (begin < end) {  // the last block whose first name is not behind `name`
    const auto middle = (begin + end) / 2;
    (first_name(table, middle) <= name ? begin = middle + 1 : end = middle);
  }
  if (begin == 0) return 0;
  const std::size_t stop = begin < table.blocks.size() ? table.blocks[begin] : table.bytes.size();
  std::string current;
  for (std::size_t at = table.blocks[begin - 1]; at < stop;) {
    const auto rest = byte(table.bytes, at + 1);
    current.resize(byte(table.bytes, at));
    current += table.bytes.substr(at + 3, rest);
    if (current == name) return table.kinds[byte(table.bytes, at + 2)];
    at += 3 + rest;
  }
  return 0;
}

}  // namespace hangar::log
