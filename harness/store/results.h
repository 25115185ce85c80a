// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// results/: the files that the program left in the guest's /results. Names and sizes are the guest's, and
// hostile: each file is a new one below the folder, and the limits hold whatever the guest sends.
namespace hangar::store {

class Results {
 public:
  static constexpr std::uint64_t most_bytes = 16ull << 20;  // of all files together
  static constexpr std::uint64_t most_files = 4096;

  explicit Results(fs::path folder, std::uint64_t limit = most_bytes);

  // The file that the next data() belong to. One that cannot be made is left out, by name.
  [[nodiscard]] Result<void> begin(std::string_view path, std::uint64_t bytes);
  [[nodiscard]] Result<void> data(std::string_view bytes);
  // No further data() comes.
  void end();
  // A file that the guest did not send.
  void leave(std::string_view path, std::uint64_t bytes, const std::string& why);

  [[nodiscard]] bool any() const { return files_ > 0 || left_files_ > 0; }
  [[nodiscard]] bool all() const { return left_files_ == 0; }
  // "copied 3 files (1.2 MiB); not copied: big.bin (200.0 MiB: over the limit)".
  [[nodiscard]] std::string describe() const;

 private:
  fs::path folder_;
  std::uint64_t room_ = 0;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t left_files_ = 0;
  std::vector<std::string> left_;  // the first of them, in words
  Fd fd_;                          // the file that data() appends to
  std::string path_;
  std::uint64_t wanted_ = 0;  // its bytes that have not come yet
};

// A path below a folder that a guest named, safe to make: no "..", nothing absolute, no control characters.
// Nothing if there is no such path.
[[nodiscard]] std::optional<fs::path> safe_path(std::string_view path);

}  // namespace hangar::store
