// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/report.h"

#include <array>
#include <cstdlib>
#include <memory>

#include <cxxabi.h>

#include "harness/log/crash/rust_name.h"
#include "harness/log/parse/frame.h"
#include "harness/log/parse/stack.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

// How the architectures print the instruction that faulted.
constexpr std::array<std::string_view, 15> instruction_marks = {
    "RIP: 0010:", "RIP: e030:", "EIP: 0060:", "EIP: ", "IP: ",    "PC is at ",  "pc : ", "epc : ",
    "NIP [",      "RIP  [<",    "RIP [<",     "RIP: ", "epc   :", "Krnl PSW :", "ERA: "};

std::string_view instruction_part(std::string_view text) {
  const auto body = trim_left(text);
  for (const auto mark : instruction_marks) {
    if (body.starts_with(mark)) return body.substr(mark.size());
  }
  return {};
}

bool is_user_mode(std::string_view text) {
  const auto body = trim_left(text);
  return body.starts_with("RIP: 0033:") || body.starts_with("RIP: 0023:") || body.starts_with("EIP: 0073:") ||
         body.starts_with("RIP: 002b:");
}

}  // namespace

Mark mark_of(std::string_view text) {
  const auto body = trim_left(text);
  if (is_user_mode(body)) return Mark::user_mode;
  if (is_trace_start(body)) return Mark::trace_start;
  constexpr std::array<std::string_view, 12> others = {"Allocated by task",
                                                       "Freed by task",
                                                       "Allocated:",
                                                       "Freed:",
                                                       "Last potentially related work",
                                                       "The buggy address",
                                                       "Second to last potentially",
                                                       "page last free",
                                                       "page_owner tracks",
                                                       "allocated by task",
                                                       "freed by task",
                                                       "Uninit was"};
  for (const auto start : others) {
    if (body.starts_with(start)) return Mark::other_stack;
  }
  if (body.starts_with("kfence-#")) return Mark::other_stack;
  if (body.starts_with("---[ end ")) return Mark::end_of_report;
  return Mark::none;
}

namespace {

// What begins another task's or CPU's stack.
bool begins_stack(std::string_view text) {
  if (mark_of(text) == Mark::trace_start || text.starts_with("NMI backtrace for")) return true;
  return !text.empty() && text.front() != ' ' && text.front() != '[' && parse_task_line(text).has_value();
}

}  // namespace

ReportFrame FrameReader::frame_at(std::size_t index) const {
  ReportFrame frame;
  frame.index = index;
  frame.trace = trace_;
  frame.where = where_;
  return frame;
}

std::optional<ReportFrame> FrameReader::next(const Report& report, std::size_t index) {
  std::string_view text = report[index].text;
  std::string_view section;
  std::string_view rest;
  // The instruction precedes its own trace, so only a stack with calls is over.
  if (begins_stack(text)) {
    if (calls_) ++trace_;
    calls_ = false;
    where_ = Where::task;
    return std::nullopt;
  }
  if (is_user_mode(text)) return std::nullopt;
  if (section_mark(text, section, rest)) {
    const bool leaves = contains(text.substr(0, text.size() - rest.size()), "</");
    const bool task = section == "EOI" || leaves || section == "TASK";
    where_ = task ? Where::task : section == "NMI" ? Where::nmi : Where::interrupt;
    text = rest;
  }
  ReportFrame frame = frame_at(index);
  if (const auto ip = instruction_part(text); !ip.empty()) {
    frame.function = first_symbol(ip);
    frame.instruction = true;
    return frame.function.empty() ? std::nullopt : std::optional(std::move(frame));
  }
  // `Preemption disabled at:` and `hardirqs last enabled at` name places, not callers.
  if (index > 0 && std::string_view(report[index - 1].text).ends_with("isabled at:")) return std::nullopt;
  auto parsed = parse_frame(text);
  if (!parsed) return std::nullopt;
  calls_ = true;
  frame.function = std::move(parsed->function);
  frame.source = std::move(parsed->source);
  frame.reliable = parsed->reliable;
  frame.inlined = parsed->inlined || !parsed->offset;
  return frame;
}

std::vector<ReportFrame> report_frames(const Report& report, std::size_t from) {
  std::vector<ReportFrame> out;
  FrameReader reader;
  for (std::size_t i = from; i < report.size(); ++i) {
    if (auto frame = reader.next(report, i)) out.push_back(std::move(*frame));
  }
  return out;
}

std::string plain_name(std::string_view function) {
  if (auto name = rust_name(function); !name.empty()) return name;
  if (function.starts_with("_Z") && function.size() < 512) {
    int status = 0;
    const std::string mangled(function.substr(0, function.find('.')));
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
    if (status == 0 && name) {
      const std::string_view text = name.get();
      return std::string(text.substr(0, text.find('(')));
    }
  }
  const auto dot = function.find('.', 1);
  return std::string(function.substr(0, dot));
}

}  // namespace hangar::log
