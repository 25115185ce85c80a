// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/joiner.h"

#include <algorithm>
#include <utility>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t longest_joined = 65536;
constexpr std::size_t slack = 2;  // mailers count the blank at the end of a line differently

}  // namespace

bool reaches(std::size_t width, const Peeled& next, const Form& form) {
  if (next.stamped || trim_left(next.text).empty()) return false;
  // A terminal fills its lines; the blanks at their ends may be lost.
  if (form.hard) return width <= form.width && width + 2 >= form.width;
  const std::string_view text = trim_left(next.text);
  const std::size_t word = std::min(text.find_first_of(" \t"), text.size());
  return width + 1 + word + slack > form.width;
}

bool Joiner::continues(const Piece& next) const {
  return held_ && held_->line.stamped && held_->line.text.size() < longest_joined &&
         reaches(last_width_, next.line, form_);
}

void Joiner::push(Piece&& piece) {
  if (form_.width == 0) return sink_(std::move(piece));
  const std::size_t width = piece.line.width;
  if (continues(piece)) {
    joined_(piece.number);
    std::string& text = held_->line.text;
    text.resize(trim_right(text).size());
    if (form_.hard) {
      text.append(form_.width - std::min(last_width_, form_.width), ' ');
    } else if (piece.line.flush) {
      text += ' ';
    }
    text += piece.line.text;
  } else {
    finish();
    held_ = std::move(piece);
  }
  last_width_ = width;
}

void Joiner::finish() {
  if (held_) sink_(std::move(*held_));
  held_.reset();
}

}  // namespace hangar::log
