// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// The C compiler of guest programs: static, musl, the same bytes wherever the checkout lies. What it made is
// kept in the cache by the digest of all that went in.
namespace hangar::image {

// A file that is put into an image.
struct Program {
  std::string name;
  fs::path file;
};

// C files that are compiled and linked into one program.
struct Source {
  std::string name;
  std::vector<fs::path> files;
};

class Compiler {
 public:
  // Asks musl-gcc who it is. `source_tree` is the checkout, whose headers all programs may include.
  [[nodiscard]] static Result<Compiler> find(const fs::path& source_tree, const fs::path& cache);

  // The digest of everything that goes into `source`'s program.
  [[nodiscard]] Result<std::string> key(const Source& source) const;
  // The program, from the cache when it is there.
  [[nodiscard]] Result<Program> compile(const Source& source) const;

 private:
  Compiler() = default;
  [[nodiscard]] std::vector<std::string> command_line(const Source& source, const fs::path& output) const;

  fs::path source_tree_;
  fs::path cache_;
  std::string identity_;  // the compiler's version and the C library's digest
  std::string headers_;   // a digest of all headers that a program could include
};

}  // namespace hangar::image
