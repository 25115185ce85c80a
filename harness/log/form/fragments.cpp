// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/fragments.h"

#include <algorithm>
#include <utility>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t most_held = 64;      // packets that overtake each other are close
constexpr std::size_t most_parts = 64;     // of at most 64 KiB
constexpr std::size_t most_bytes = 65536;  // netconsole's packets hold 1000 bytes

}  // namespace

std::string FragmentJoiner::text() const {
  std::string out;
  for (const auto& [offset, part] : open_->parts) {
    const auto at = static_cast<std::size_t>(offset);
    if (at > out.size()) break;
    out.resize(at);
    out += part;
  }
  return out;
}

// The line break at the end of the message counts, and is not in a line's text.
bool FragmentJoiner::complete() const {
  return static_cast<std::int64_t>(text().size()) + 1 >= open_->first.line.fragment->total;
}

// The packets on one line: each but the first begins with the same header.
void FragmentJoiner::add(const Piece& piece) {
  const Fragment fragment = *piece.line.fragment;
  std::string_view rest = std::string_view(piece.line.text).substr(fragment.text_at);
  std::int64_t offset = fragment.offset;
  while (open_->parts.size() < most_parts && open_->bytes < most_bytes) {
    const auto next = rest.find(fragment.header);
    open_->parts[offset] = rest.substr(0, next);
    open_->last = offset;
    open_->bytes += std::min(next, rest.size());
    if (next == std::string_view::npos) return;
    Scan scan(rest.substr(next + fragment.header.size()));
    std::int64_t ignored = 0;
    if (!scan.number(offset, limits::count_32) || !scan.take("/") ||
        !scan.number(ignored, limits::count_32) || !scan.take(";"))
      return;
    rest = scan.rest();
  }
}

// Userdata of netconsole, which is behind the message: ` name=value` on a line.
bool FragmentJoiner::continues(const Piece& piece) const {
  return !piece.line.stamped && piece.line.text.starts_with(' ') && contains(piece.line.text, "=");
}

void FragmentJoiner::push(Piece&& piece) {
  if (!open_ && !piece.line.fragment) return sink_(std::move(piece));
  if (!open_) {
    open_.emplace();
    open_->first = piece;
    add(piece);
  } else if (piece.line.fragment && piece.line.fragment->header == open_->first.line.fragment->header) {
    add(piece);
  } else if (continues(piece) && held_.empty()) {
    open_->parts[open_->last] += "\n" + piece.line.text;
  } else {
    held_.push_back(std::move(piece));
    if (held_.size() > most_held) release();
    return;
  }
  if (complete()) release();
}

void FragmentJoiner::release() {
  const bool whole = complete();
  const std::string message = text();
  Piece joined = std::move(open_->first);
  joined.line.text.resize(joined.line.fragment->text_at);
  joined.line.text += message.substr(0, message.find('\n'));
  joined.line.fragment.reset();
  joined.interest = for_all;
  open_.reset();
  const auto number = joined.number;
  sink_(std::move(joined));
  if (!whole) lost_(number);
  for (auto& piece : std::exchange(held_, {})) push(std::move(piece));
}

void FragmentJoiner::finish() {
  while (open_) release();
}

}  // namespace hangar::log
