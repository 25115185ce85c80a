// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/extra.h"

#include <cstring>

#include <elf.h>
#include <fmt/format.h>

#include "harness/base/files.h"

namespace hangar::image {
namespace {

bool has_interpreter(std::string_view bytes, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr program = {};
    const std::uint64_t at = header.e_phoff + std::uint64_t{i} * sizeof program;
    if (at > bytes.size() || bytes.size() - at < sizeof program) return false;
    std::memcpy(&program, bytes.data() + at, sizeof program);
    if (program.p_type == PT_INTERP) return true;
  }
  return false;
}

// Why it cannot run in the guest, or "".
std::string objection(std::string_view bytes, Runs runs) {
  const bool alone = runs == Runs::static_programs;
  if (bytes.substr(0, 2) == "#!") {
    return alone ? "is a script, and the initramfs has no shell: add `--image debian` (`hangar help "
                   "images`), or give a static program or a .c file"
                 : "";
  }
  Elf64_Ehdr header = {};
  if (bytes.size() < sizeof header || bytes.substr(0, SELFMAG) != ELFMAG) {
    return alone ? "is not an ELF program: give a static program or a .c file"
                 : "is neither an ELF program nor a script that begins with #!";
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
    return "is not for x86-64, which the guest is";
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) return "is an object file: link it first";
  if (alone && has_interpreter(bytes, header)) {
    return "is dynamically linked, and the initramfs has no libraries: add `--image debian` (`hangar help "
           "images`), link it with `musl-gcc -static`, or give its .c file";
  }
  return "";
}

}  // namespace

Result<Program> prepare_extra(const Compiler& compiler, const fs::path& path, Runs runs) {
  if (!fs::is_regular_file(path))
    return user_error(fmt::format("the program {}: there is no such file", path.string()));
  const bool is_source = path.extension() == ".c";
  TRY_ASSIGN(const fs::path whole, fs::absolute(path));
  Program program = {(is_source ? path.stem() : path.filename()).string(), whole};
  // The name goes into a script for debugfs and over the wire to the guest.
  if (program.name.find_first_of(" \t\r\n\"\\") != std::string::npos) {
    return user_error(
        fmt::format("the program {}: a name with spaces or quotes cannot be used: rename it", path.string()));
  }
  if (is_source) return compiler.compile({program.name, {program.file}});
  TRY_ASSIGN(const std::string bytes, read_file(program.file, max_binary_bytes));
  const std::string why_not = objection(bytes, runs);
  if (!why_not.empty()) return user_error(fmt::format("the program {}: the file {}", path.string(), why_not));
  return program;
}

}  // namespace hangar::image
