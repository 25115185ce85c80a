// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/results.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::store {
namespace {

constexpr std::size_t most_named = 32;
constexpr std::size_t most_depth = 16;
constexpr std::size_t longest_name = 200;

std::string in_mib(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

bool is_plain(char c) {
  return c > ' ' && c < 0x7f && c != '\\' && c != '/';
}

}  // namespace

std::optional<fs::path> safe_path(std::string_view path) {
  const auto parts = split(path, '/');
  if (parts.size() > most_depth) return std::nullopt;
  fs::path safe;
  for (const std::string_view part : parts) {
    if (part.empty() || part == "." || part == ".." || part.size() > longest_name) return std::nullopt;
    std::string name(part);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
    safe /= name;
  }
  return safe;
}

Results::Results(fs::path folder, std::uint64_t limit) : folder_(std::move(folder)), room_(limit) {}

Result<void> Results::begin(std::string_view path, std::uint64_t bytes) {
  end();
  const auto below = safe_path(path);
  if (!below) return leave(path, bytes, "its name cannot be used"), Result<void>();
  if (bytes > room_ || files_ == most_files) return leave(path, bytes, "over the limit"), Result<void>();
  const fs::path file = folder_ / *below;
  if (!fs::create_directories(file.parent_path()))
    return leave(path, bytes, "its folder cannot be made"), Result<void>();
  fd_.reset(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd_ && (errno == ENOSPC || errno == EDQUOT)) return errno_error("cannot write " + file.string());
  if (!fd_) return leave(path, bytes, "it cannot be made"), Result<void>();
  path_ = path;
  wanted_ = bytes;
  room_ -= bytes;
  ++files_;
  return {};
}

Result<void> Results::data(std::string_view bytes) {
  if (!fd_) return {};
  const std::string_view part = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), wanted_));
  wanted_ -= part.size();
  bytes_ += part.size();
  auto written = write_all(fd_.get(), part);
  if (wanted_ == 0) end();
  return written ? Result<void>() : std::move(written).error().within("writing " + folder_.string());
}

void Results::end() {
  if (fd_ && wanted_ > 0) leave(path_, wanted_, "its end did not come");
  fd_.reset();
  wanted_ = 0;
}

void Results::leave(std::string_view path, std::uint64_t bytes, const std::string& why) {
  ++left_files_;
  if (left_.size() >= most_named) return;
  constexpr std::size_t shown = 200;
  left_.push_back(fmt::format("{} ({}: {})", sanitize_for_terminal(path.substr(0, shown)), in_mib(bytes),
                              sanitize_for_terminal(why.substr(0, shown))));
}

std::string Results::describe() const {
  std::string text = fmt::format("copied {} file{} ({})", files_, files_ == 1 ? "" : "s", in_mib(bytes_));
  if (left_files_ == 0) return text;
  text += "; not copied: " + join(left_, ", ");
  if (left_files_ > left_.size()) text += fmt::format(" and {} more", left_files_ - left_.size());
  return text;
}

}  // namespace hangar::store
