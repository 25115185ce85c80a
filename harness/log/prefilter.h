// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

// Finds the lines that could matter: those that hold one of the engine's literals. The whole block is
// searched at once, with Hyperscan, so that an ordinary line costs no more than finding its end and its
// stamp. It may call a line hot that is not; it never misses one.
namespace hangar::log {

class Prefilter {
 public:
  Prefilter();
  ~Prefilter();
  Prefilter(const Prefilter&) = delete;
  Prefilter& operator=(const Prefilter&) = delete;

  // False when the matcher is not available: then every line has to be taken as hot.
  [[nodiscard]] bool usable() const { return scratch_ != nullptr; }
  // Searches `block` and keeps where matches end.
  void scan(std::string_view block);
  // Whether a match ends in (begin, end]; to be asked in rising order.
  [[nodiscard]] bool hot(std::size_t begin, std::size_t end) {
    while (next_ < ends_.size() && ends_[next_] <= begin) ++next_;
    return next_ < ends_.size() && ends_[next_] <= end;
  }

 private:
  void* scratch_ = nullptr;
  std::vector<std::uint64_t> ends_;
  std::size_t next_ = 0;
};

// Every literal that a line must hold to be of interest while nothing is open.
[[nodiscard]] std::vector<std::string_view> engine_literals();

}  // namespace hangar::log
