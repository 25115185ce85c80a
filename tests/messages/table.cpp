// SPDX-License-Identifier: GPL-2.0-only
#include "tests/messages/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include <fmt/core.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::messages {
namespace {

std::string text_of(const fs::path& file) {
  auto text = read_file(file);
  if (!text) throw std::runtime_error(text.error().message);
  return std::move(*text);
}

// `3=reader;5=7`
std::map<int, std::string> values_of(std::string_view text) {
  std::map<int, std::string> out;
  for (const auto one : split(text, ';')) {
    const auto equals = one.find('=');
    int number = 0;
    if (equals == std::string_view::npos) continue;
    std::from_chars(one.data(), one.data() + equals, number);
    out[number] = one.substr(equals + 1);
  }
  return out;
}

Row row_of(std::string_view line) {
  const auto columns = split(line, '\t');
  const bool parsed = columns.size() == 5 && columns[0] == "parsed";
  const bool ignored = columns.size() == 3 && columns[0] == "ignored" && !columns[1].empty();
  const auto quoted = columns.back();
  if ((!parsed && !ignored) || quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"')
    throw std::runtime_error(fmt::format("not a row: {}", line));
  Row row;
  row.format = unescaped(quoted.substr(1, quoted.size() - 2));
  if (ignored) {
    row.reason = columns[1];
    return row;
  }
  row.context = columns[1];
  row.values = values_of(columns[2]);
  row.fact = columns[3];
  return row;
}

struct Source {
  const char* module;                 // KBUILD_MODNAME
  std::array<const char*, 3> files;   // where kernels have it; all that exist count
  const char* pr_fmt_from = nullptr;  // the file that includes it
};

constexpr std::array sources = {
    Source{"oom_kill", {"mm/oom_kill.c", "", ""}},
    Source{"page_alloc", {"mm/page_alloc.c", "", ""}},
    Source{"show_mem", {"mm/show_mem.c", "lib/show_mem.c", ""}},
    Source{"slab_common", {"mm/slab_common.c", "", ""}},
    Source{"vmscan", {"mm/vmscan.c", "", ""}},
    Source{"memcontrol", {"mm/memcontrol.c", "mm/memcontrol-v1.c", ""}},
    Source{"hung_task", {"kernel/hung_task.c", "", ""}},
    Source{"watchdog", {"kernel/watchdog.c", "", ""}},
    Source{"watchdog_hld", {"kernel/watchdog_hld.c", "kernel/watchdog_perf.c", "kernel/watchdog_buddy.c"}},
    Source{"tree", {"kernel/rcu/tree_stall.h", "", ""}, "kernel/rcu/tree.c"},
    Source{"workqueue", {"kernel/workqueue.c", "", ""}},
    Source{"panic", {"kernel/panic.c", "", ""}},
};

bool add_source(const fs::path& root, const Source& source, std::set<Format>& out) {
  bool found = false;
  for (const std::string file : source.files) {
    if (file.empty() || !fs::exists(root / file)) continue;
    found = true;
    const auto text = text_of(root / file);
    const auto prefix =
        pr_fmt_of(source.pr_fmt_from == nullptr ? text : text_of(root / source.pr_fmt_from), source.module);
    for (auto& format : formats_in(text, prefix)) out.insert(std::move(format));
  }
  return found;
}

}  // namespace

std::vector<Row> read_table(const fs::path& file) {
  std::vector<Row> out;
  const auto text = text_of(file);
  for (const auto line : split(text, '\n')) {
    if (!line.empty() && line.front() != '#') out.push_back(row_of(line));
  }
  return out;
}

Contexts read_contexts(const fs::path& file) {
  Contexts out;
  std::vector<std::string>* lines = nullptr;
  const auto text = text_of(file);
  for (const auto line : split(text, '\n')) {
    if (line.starts_with("== ")) {
      lines = &out[std::string(line.substr(3))];
    } else if (lines != nullptr && !line.empty()) {
      lines->emplace_back(line);
    }
  }
  return out;
}

std::optional<std::set<Format>> formats_of_kernel(const fs::path& source) {
  std::set<Format> out;
  const bool all = std::all_of(sources.begin(), sources.end(),
                               [&](const Source& one) { return add_source(source, one, out); });
  return all ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<std::string> unlisted(const std::set<Format>& formats, const std::vector<Row>& table) {
  std::set<Format> known;
  for (const Row& row : table) known.insert(row.format);
  std::vector<std::string> out;
  for (const auto& format : formats) {
    if (known.count(format) == 0) out.push_back('"' + escaped(format) + '"');
  }
  return out;
}

}  // namespace hangar::messages
