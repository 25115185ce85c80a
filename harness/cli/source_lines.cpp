// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/source_lines.h"

namespace hangar::cli {

std::vector<log::Frame> SourceLines::explain(const log::Frame& frame) {
  if (!frame.offset || !frame.module.empty() || !frame.source.empty()) return {frame};
  const auto [known, added] = known_.try_emplace({frame.function, *frame.offset, frame.size});
  if (added) known->second = vmlinux_.lines({frame.function, *frame.offset, frame.size});
  if (known->second.empty()) return {frame};
  std::vector<log::Frame> out;
  for (const symbols::SourceLine& line : known->second) {
    log::Frame one = frame;
    if (line.inlined) {
      one.function = line.function;
      one.offset = one.size = std::nullopt;
    }
    one.source = line.source;
    one.inlined = line.inlined;
    out.push_back(std::move(one));
  }
  return out;
}

void SourceLines::explain(log::TaskStack& stack) {
  std::vector<log::Frame> frames;
  for (const log::Frame& frame : stack.frames) {
    for (log::Frame& one : explain(frame)) frames.push_back(std::move(one));
  }
  stack.frames = std::move(frames);
}

}  // namespace hangar::cli
