// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/lock.h"

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/yaml.h"

namespace hangar::kernel {
namespace {

// The contents of the file become part of a URL and of paths.
bool is_plain(const std::string& text) {
  return !text.empty() && text[0] != '-' && text[0] != '/' && text.find("..") == std::string::npos &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.~:_/-") ==
             std::string::npos;
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<DebianPackage> parse_lock(std::string_view text, const std::string& name) {
  TRY_ASSIGN(const Yaml yaml, Yaml::parse(text, name));
  TRY(yaml.only_keys({"package", "version", "filename", "sha256"}));
  DebianPackage package;
  for (const auto& [key, field] :
       {std::pair("package", &package.name), std::pair("version", &package.version),
        std::pair("filename", &package.filename), std::pair("sha256", &package.sha256)}) {
    TRY_ASSIGN(const Yaml value, yaml.need(key));
    TRY_ASSIGN(*field, value.text());
    if (!is_plain(*field)) return value.error(fmt::format("not the {} of a Debian package", key));
    if (field == &package.sha256 && !is_sha256(*field))
      return value.error("a SHA-256 has 64 hexadecimal digits");
  }
  return package;
}

Result<DebianPackage> read_lock(const fs::path& path) {
  if (!fs::exists(path)) {
    return user_error(fmt::format("the lock file {} is missing: `hangar update {}` writes it", path.string(),
                                  path.stem().string()));
  }
  TRY_ASSIGN(const std::string text, read_file(path));
  return parse_lock(text, path.string());
}

std::string lock_text(const DebianPackage& package, const std::string& suite) {
  return fmt::format(
      "# SPDX-License-Identifier: GPL-2.0-only\n"
      "# Written by `hangar update`: what Debian's {} had then.\n"
      "package: {}\nversion: {}\nfilename: {}\nsha256: {}\n",
      suite.empty() ? "own suite of the machine" : suite, package.name, package.version, package.filename,
      package.sha256);
}

}  // namespace hangar::kernel
