// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/explain/page.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/log/explain/statements.h"
#include "harness/log/explain/table.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_programs = 8;
constexpr std::size_t max_exempt = 6;

std::string number_text(const Number& number) {
  return number ? std::to_string(*number) : "-";
}

class Page {
 public:
  Page(const Explanation& facts, std::size_t width)
      : facts_(facts), width_(std::clamp<std::size_t>(width, 60, 80)) {}
  std::string text();

 private:
  void line(std::string_view text) { out_ += std::string(text) + "\n"; }
  void heading(std::string_view text) { line("\n" + std::string(text)); }
  // Wrapped behind a dash. Words that are longer than a line are cut into pieces.
  void item(std::string_view text);
  void items(const std::vector<Statement>& list) {
    for (const auto& one : list) item(one.text);
  }
  void title();
  void zones();
  void memory();
  void memory_row(const MemoryRow& row);
  void programs();
  void exempt();

  const Explanation& facts_;
  std::size_t width_;
  std::string out_;
};

void Page::item(std::string_view text) {
  const std::string safe = sanitize_for_terminal(text);
  std::string now = "  - ";
  bool empty = true;
  for (std::string_view word : split(safe, ' ')) {
    while (!word.empty()) {
      const std::size_t room = width_ - now.size() - (empty ? 0 : 1);
      if (word.size() <= room && now.size() < width_) {
        now += (empty ? "" : " ") + std::string(word);
        empty = false;
        break;
      }
      if (empty) {
        now += word.substr(0, room);
        word.remove_prefix(room);
      }
      line(now);
      now = "    ";
      empty = true;
    }
  }
  if (!empty) line(now);
}

std::string outcome(const Explanation& facts) {
  if (facts.victims.empty()) return "no process was killed";
  const std::string who = task_text(facts.victims.front().id);
  if (facts.victims.size() == 1) return who + " was killed";
  return fmt::format("{} and {} more were killed", who, facts.victims.size() - 1);
}

void Page::title() {
  std::string head = fmt::format("OOM {}: lines {} to {}", facts_.number, facts_.line, facts_.last_line);
  if (facts_.time_s) head += fmt::format(", at {:.3f} s", *facts_.time_s);
  if (facts_.kernel_release) head += ", Linux " + *facts_.kernel_release;
  line(ellipsize(sanitize_for_terminal(head), width_));
  static constexpr const char* scopes[] = {"Out of memory",
                                           "The machine ran out of memory",
                                           "A memory cgroup reached its limit",
                                           "The nodes of a cpuset ran out of memory",
                                           "The nodes of a memory policy ran out of memory",
                                           "SysRq f asked for a kill"};
  const std::string scope = scopes[static_cast<std::size_t>(facts_.scope)];
  item(scope + "; " + outcome(facts_) + ".");
  if (facts_.since_last_s && *facts_.since_last_s >= 0)
    item(fmt::format("The OOM before was {} earlier.", format_seconds(*facts_.since_last_s)));
}

void Page::zones() {
  if (facts_.zones.empty()) return;
  const bool blocks = facts_.order.value_or(0) > 0;
  line(fmt::format("  {:<14}{:>10}{:>9}{:>9}{:>9}{}  {}", "zone (kB)", "free", "min", "high", "reserve",
                   blocks ? fmt::format("{:>8}", "blocks") : "", "state"));
  for (const auto& zone : facts_.zones) {
    const std::string name = (zone.node ? fmt::format("{} ", *zone.node) : "") + zone.zone;
    line(fmt::format("  {:<14}{:>10}{:>9}{:>9}{:>9}{}  {}", ellipsize(sanitize_for_terminal(name), 13),
                     number_text(zone.free_kb), number_text(zone.min_kb), number_text(zone.high_kb),
                     number_text(zone.reserve_kb),
                     blocks ? fmt::format("{:>8}", number_text(zone.blocks)) : "", to_string(zone.state)));
  }
}

void Page::memory_row(const MemoryRow& row) {
  const auto& table = *facts_.memory;
  std::string share = "-";
  if (table.total.value_or(0) > 0) {
    share =
        fmt::format("{:.1f} %", 100.0 * static_cast<double>(row.amount) / static_cast<double>(*table.total));
  }
  std::string size = "-";
  if (const Number unit = table.group ? Number(1) : facts_.page_kb)
    size = (row.amount < 0 ? "-" : "") + kb_text(std::abs(row.amount) * *unit);
  line(fmt::format("  {:>11} {:>9} {:>11}  {}", row.amount, share, size, row.name));
}

std::string unowned_kinds(const MemoryTable& table) {
  struct Kind {
    const char* id;
    const char* name;
  };
  static constexpr Kind kinds[] = {{"slab-unreclaimable", "slab"},
                                   {"free-huge", "hugetlb pages that are not in use"},
                                   {"unmapped-shmem", "tmpfs that is not mapped"},
                                   {"zsmalloc", "compressed memory"},
                                   {"gpu", "GPU drivers"},
                                   {"unaccounted", "what is in no counter"}};
  std::vector<std::string> names;
  for (const auto& kind : kinds) {
    if (amount_of(table, kind.id).value_or(0) > 0) names.emplace_back(kind.name);
  }
  return join(names, ", ");
}

void Page::memory() {
  if (!facts_.memory) return;
  const auto& table = *facts_.memory;
  heading(table.group ? "Where the memory of the group is" : "Where the memory is");
  line(fmt::format("  {:>11} {:>9} {:>11}", table.group ? "kB" : "pages", "share", "size"));
  for (const auto& row : table.rows) {
    if (row.amount != 0) memory_row(row);
  }
  if (table.total) {
    memory_row({"total", table.group ? "total: the usage of the group" : "total: RAM less what is reserved",
                *table.total});
  } else {
    item("The total is not in the log.");
  }
  const bool parts = std::any_of(table.parts.begin(), table.parts.end(),
                                 [](const MemoryRow& row) { return row.amount != 0; });
  if (parts) line("  Contained in these rows:");
  for (const auto& row : table.parts) {
    if (row.amount != 0) memory_row(row);
  }
  if (table.unowned && *table.unowned > 0) {
    item(fmt::format("No process owns at least {}: {}.", pages_text(*table.unowned, facts_.page_kb),
                     unowned_kinds(table)));
  }
}

std::string adj_text(const Program& program) {
  if (program.least_adj == program.most_adj) return std::to_string(program.least_adj);
  return fmt::format("{}..{}", program.least_adj, program.most_adj);
}

void Page::programs() {
  if (facts_.programs.empty() && facts_.exempt.empty()) return;
  heading(fmt::format("The largest of {} processes (in pages{})", facts_.processes,
                      facts_.page_kb ? fmt::format(" of {} kB", *facts_.page_kb) : ""));
  if (facts_.programs.empty()) return exempt();
  line(fmt::format("  {:>10} {:>10} {:>10} {:>9} {:>9}  {}", "points", "rss", "swap", "tables", "adj",
                   "name"));
  const std::size_t shown = std::min(max_programs, facts_.programs.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Program& one = facts_.programs[i];
    const std::string name =
        sanitize_for_terminal(one.name) + (one.count > 1 ? fmt::format(" x{}", one.count) : "");
    line(fmt::format("  {:>10} {:>10} {:>10} {:>9} {:>9}  {}", number_text(one.points), number_text(one.rss),
                     number_text(one.swap), number_text(one.page_tables), adj_text(one),
                     ellipsize(name, width_ - 55)));
  }
  if (const std::uint64_t more = facts_.programs.size() - shown + facts_.more_programs; more > 0)
    item(fmt::format("{} names with fewer points are not shown.", more));
  item("Points are rss + swap + page tables: the score without oom_score_adj.");
  std::int64_t rss = facts_.exempt_rss.value_or(0);
  for (const auto& one : facts_.programs) rss += one.rss.value_or(0);
  if (facts_.memory && !facts_.memory->group && rss > facts_.memory->total.value_or(rss))
    item("The sum of rss is larger than the memory: pages that processes share count in each of them.");
  exempt();
}

void Page::exempt() {
  if (facts_.exempt.empty()) return;
  std::vector<std::string> names;
  for (const auto& one : facts_.exempt) {
    if (names.size() < max_exempt)
      names.push_back(one.name + (one.count > 1 ? fmt::format(" x{}", one.count) : ""));
  }
  if (facts_.exempt.size() > names.size()) names.emplace_back("...");
  item(fmt::format("{} could not be chosen (oom_score_adj -1000, or init){}: {}.", facts_.exempt_processes,
                   facts_.exempt_rss ? ", rss " + pages_text(*facts_.exempt_rss, facts_.page_kb) : "",
                   join(names, ", ")));
}

std::string Page::text() {
  title();
  if (!facts_.cause.empty() || !facts_.zones.empty()) heading("Why the OOM killer ran");
  items(facts_.cause);
  zones();
  memory();
  programs();
  if (!facts_.choice.empty()) heading("Why this victim");
  items(facts_.choice);
  if (!facts_.freed.empty()) heading("What the kill freed");
  items(facts_.freed);
  if (!facts_.next.empty()) heading("What to check next");
  items(facts_.next);
  if (!facts_.missing.empty()) heading("Missing in the log");
  items(facts_.missing);
  return out_;
}

}  // namespace

std::string kb_text(std::int64_t kb) {
  return format_size(static_cast<std::uint64_t>(std::max<std::int64_t>(kb, 0)) * 1024);
}

std::string pages_text(std::int64_t pages, const Number& page_kb) {
  std::string text = fmt::format("{} page{}", pages, pages == 1 ? "" : "s");
  if (page_kb) text += fmt::format(" ({})", kb_text(pages * *page_kb));
  return text;
}

std::string task_text(const TaskId& task) {
  const std::string name = task.comm.empty() ? "a process" : task.comm;
  return task.pid < 0 ? name : fmt::format("{} ({})", name, task.pid);
}

std::string explanation_text(const Explanation& explanation, std::size_t width) {
  return Page(explanation, width).text();
}

}  // namespace hangar::log
