// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Texts for a page, compressed together (zlib, then base64): logs of one kernel resemble each other. A page
// decompresses a pack when a text in it is first shown.
namespace hangar::report {

// Bytes `at` to `at` + `size` of the decompressed pack.
struct Place {
  std::size_t pack = 0;
  std::size_t at = 0;
  std::size_t size = 0;
};

class Packer {
 public:
  // All packs together, in base64, stay below `budget` bytes.
  explicit Packer(std::size_t budget) : left_(budget) {}

  // Texts that are added first have the first claim on the room. None: the room is used up.
  std::optional<Place> add(std::string_view text);
  // Completes the last pack.
  void finish();
  [[nodiscard]] bool full() const { return full_; }
  // A place whose pack is not among them had no room: that is known once its pack is complete.
  [[nodiscard]] const std::vector<std::string>& packs() const { return packs_; }

 private:
  void close();

  std::size_t left_ = 0;
  bool full_ = false;
  std::string open_;
  std::vector<std::string> packs_;
};

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace hangar::report
