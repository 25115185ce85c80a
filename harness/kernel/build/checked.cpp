// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/checked.h"

#include <ctime>

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/json.h"

namespace hangar::kernel {

HANGAR_JSON_FIELDS(Checked, stamps, signature)

namespace {

constexpr const char* file_name = "checked.json";
constexpr std::time_t settled_s = 2;

}  // namespace

Checked read_checked(const fs::path& folder) {
  const auto text = read_file(folder / file_name);
  Checked checked;
  if (!text || decode(parse_object(*text), checked)) return {};
  return checked;
}

void write_checked(const fs::path& folder, const Checked& checked) {
  const fs::path making = folder / (std::string(file_name) + ".new");
  if (write_file(making, json_text(nlohmann::json(checked)) + "\n"))
    (void)fs::rename(making, folder / file_name);
}

std::string stamp_of(const fs::path& file) {
  struct stat info = {};
  if (::stat(file.c_str(), &info) != 0 || std::time(nullptr) - info.st_ctim.tv_sec < settled_s) return "";
  return fmt::format("{} {} {}.{:09} {}.{:09}", info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

}  // namespace hangar::kernel
