// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/base/fs.h"
#include "harness/base/result.h"

namespace hangar {

// SHA-256 over several labelled parts: each part's label and length go in too, so that moving a byte from
// one part to the next changes the digest.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  Digest& add(std::string_view label, std::string_view bytes);
  // 64 hexadecimal digits. The digest can be asked for once.
  [[nodiscard]] std::string hex();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

// The plain SHA-256, as sha256sum prints it.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] Result<std::string> sha256_file(const fs::path& path);

}  // namespace hangar
