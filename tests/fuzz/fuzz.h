// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

// What the fuzz targets share. Each target is one file with LLVMFuzzerTestOneInput(); it is linked with
// libFuzzer, or with replay.cpp.
namespace hangar::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the program unless an invariant holds.
inline void must(bool holds, const char* what, std::string_view one = "", std::string_view other = "") {
  if (holds) return;
  std::fprintf(stderr, "%s\n--- one\n%.*s\n--- other\n%.*s\n", what, static_cast<int>(one.size()), one.data(),
               static_cast<int>(other.size()), other.data());
  std::abort();
}

// The fault that planted.sh looks for: built with HANGAR_PLANTED_FAULT, a target ends when it reaches a state
// that takes well-formed input with unusual values, and that no file of the corpus reaches.
inline void planted([[maybe_unused]] bool reached) {
#ifdef HANGAR_PLANTED_FAULT
  if (!reached) return;
  std::fprintf(stderr, "planted fault\n");
  std::abort();
#endif
}

// A file with the input, for parsers that take a path. It is the same file each time.
inline std::filesystem::path input_file(std::string_view bytes, const std::string& name) {
  static const struct Folder {
    std::filesystem::path path;
    Folder() {
      std::string name_template = (std::filesystem::temp_directory_path() / "hangar-fuzz-XXXXXX").string();
      if (::mkdtemp(name_template.data()) == nullptr) std::abort();
      path = name_template;
    }
    ~Folder() {
      std::error_code code;
      std::filesystem::remove_all(path, code);
    }
  } folder;
  const std::filesystem::path file = folder.path / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  return file;
}

}  // namespace hangar::fuzz
