// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/blame.h"

#include <algorithm>
#include <array>

#include "harness/log/crash/blame_lists.h"
#include "harness/log/crash/functions.h"
#include "harness/log/crash/rules.h"
#include "harness/log/crash/rust_name.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

bool matches(std::string_view name, const NamePattern& pattern) {
  if (left_out(&pattern)) return false;
  switch (pattern.how) {
    case Match::exact:
      return name == pattern.text;
    case Match::prefix:
      return name.starts_with(pattern.text);
    case Match::suffix:
      return name.ends_with(pattern.text);
    default:
      return contains(name, pattern.text);
  }
}

template <std::size_t N>
bool any(std::string_view name, const NamePattern (&patterns)[N]) {
  return std::any_of(std::begin(patterns), std::end(patterns),
                     [&](const NamePattern& p) { return matches(name, p); });
}

// From the tick that noticed the stall inwards everything is the detector's.
bool is_dispatcher(std::string_view name) {
  return any(name, dispatchers);
}

// Without what compilers add: `.isra.0`, `.cold`, the padding in front of a function.
std::string_view base(std::string_view function) {
  for (const std::string_view lead : {"__pfx_", "__cfi_"}) {
    if (function.starts_with(lead)) function.remove_prefix(lead.size());
  }
  return function.substr(0, function.find('.', 1));
}

// The crates below the kernel's own code.
bool is_rust_library(std::string_view name) {
  while (name.starts_with("<") || name.starts_with("&")) name.remove_prefix(1);
  return name.starts_with("core::") || name.starts_with("alloc::") || name.starts_with("__rustc::");
}

}  // namespace

std::vector<Rule> name_rules() {
  std::vector<Rule> rules;
  const auto add = [&](const std::string& list, const auto& patterns) {
    for (const NamePattern& one : patterns) rules.push_back({&one, list + " " + std::string(one.text)});
  };
  for (const auto& one : families) rules.push_back({&one.name, "families " + std::string(one.name.text)});
  add("entry_functions", entry_functions);
  add("detector_threads", detector_threads);
  add("detectors", detectors);
  add("tick_entries", tick_entries);
  add("dispatchers", dispatchers);
  for (const auto& one : function_groups)
    rules.push_back({&one, "function_groups " + std::string(one.prefix)});
  return rules;
}

bool is_machinery(std::string_view function, unsigned skip, std::string_view source) {
  const auto name = base(function);
  if (name.starts_with("_R") && is_rust_library(rust_name(name))) return true;
  if (!source.empty() && (kind_of_function(name, source) & (skip | skip_always)) != 0) return true;
  const auto* functions = measurement().functions;
  if (functions == nullptr) functions = &kernel_functions();
  if (source.empty() && (kind_in(*functions, name) & (skip | skip_always)) != 0) return true;
  if ((skip & skip_any_alloc) != 0 && contains(name, "alloc")) return true;
  return std::any_of(std::begin(families), std::end(families), [&](const NamedFamily& one) {
    return (one.kind & (skip | skip_always)) != 0 && matches(name, one.name);
  });
}

Blame blame_inner(const std::vector<ReportFrame>& frames, unsigned skip) {
  for (const auto& frame : frames) {
    if (!frame.reliable || frame.inlined || is_machinery(frame.function, skip, frame.source)) continue;
    if (any(base(frame.function), entry_functions)) continue;
    return {frame.function, frame.index};
  }
  return {};
}

Blame blame_instruction(const std::vector<ReportFrame>& frames) {
  const auto at = std::find_if(frames.begin(), frames.end(), [](const auto& f) { return f.instruction; });
  if (at == frames.end() || is_machinery(at->function, skip_none, at->source)) return {};
  return {at->function, at->index};
}

namespace {

// Walks one trace outwards: what generic code had called.
Blame walk(const std::vector<const ReportFrame*>& trace, unsigned skip, bool& dispatched) {
  const ReportFrame* candidate = nullptr;
  const ReportFrame* innermost = nullptr;
  for (const auto* frame : trace) {
    const auto name = base(frame->function);
    // Waiting for another CPU to answer: who asked does not matter.
    if (name.starts_with("smp_call_function")) candidate = frame;
    if (is_dispatcher(name) || candidate == frame) {
      if (candidate == nullptr) candidate = innermost;
      if (candidate == nullptr && name.ends_with("_compat_ioctl")) {
        candidate = frame;
        continue;
      }
      if (candidate != nullptr) {
        dispatched = true;
        return {candidate->function, candidate->index};
      }
      continue;
    }
    if (any(name, entry_functions)) continue;
    if (is_machinery(frame->function, skip, frame->source)) {
      const bool sleeps = contains(name, "sched");
      if (innermost == nullptr && !sleeps && !is_machinery(frame->function, skip_none)) innermost = frame;
      continue;
    }
    candidate = frame;
  }
  if (candidate == nullptr) candidate = innermost;
  if (candidate == nullptr) return {};
  return {candidate->function, candidate->index};
}

}  // namespace

namespace {

// One trace without the interrupt whose tick found the hang. An RCU stall's NMI finds any other interrupt on
// top of what does not end (`below`); where stacks have no sections (arm), only a tick is known as such.
std::vector<const ReportFrame*> found_trace(const std::vector<ReportFrame>& frames, int number, bool below) {
  std::vector<const ReportFrame*> trace;
  bool entered = false;
  bool above = below;
  for (const auto& frame : frames) {
    if (frame.trace != number) continue;
    const auto name = base(frame.function);
    if (any(name, detector_threads)) return {};
    if (!frame.reliable || frame.inlined || frame.where == Where::nmi) continue;
    above = above || any(name, detectors);
    if (above && (!entered || trace.empty()) && any(name, tick_entries)) {
      trace.clear();
      entered = true;
      continue;
    }
    trace.push_back(&frame);
  }
  // A task that sleeps, or that prints itself as the detector does, was not interrupted where it stalls.
  const bool running = trace.empty() || !contains(trace.front()->function, "sched");
  if (below && !entered && !running) return {};
  return trace;
}

}  // namespace

Blame blame_outer(const std::vector<ReportFrame>& frames, unsigned skip, bool below) {
  int last = -1;
  for (const auto& frame : frames) last = std::max(last, frame.trace);
  Blame fallback;
  for (int number = 0; number <= last; ++number) {
    const auto trace = found_trace(frames, number, below);
    bool dispatched = false;
    auto blame = walk(trace, skip, dispatched);
    if (dispatched) return blame;
    if (fallback.function.empty()) fallback = std::move(blame);
  }
  return fallback;
}

std::vector<std::string> filed_as(std::string_view function) {
  const std::string plain = plain_name(function);
  std::vector<std::string> names;
  const std::string_view name = plain;
  for (const auto& group : function_groups) {
    if (!left_out(&group) && name.starts_with(group.prefix)) names.emplace_back(group.name);
  }
  if (name.starts_with("__se_sys_") || name.starts_with("__do_sys_")) {
    names.emplace_back(name.substr(9));
    names.emplace_back(name.substr(5));
  } else if (const auto at = name.find("_sys_");
             at != std::string_view::npos && name.starts_with("__") && at <= 10) {
    names.emplace_back(name.substr(at + 1));
  } else if (name.starts_with("ksys_")) {
    names.emplace_back(name.substr(5));
  } else if (name.starts_with("sys_") || name.starts_with("SyS_") || name.starts_with("SYSC_")) {
    names.emplace_back(name.substr(name.find('_') + 1));
  }
  if (std::find(names.begin(), names.end(), plain) == names.end()) names.push_back(plain);
  return names;
}

}  // namespace hangar::log
