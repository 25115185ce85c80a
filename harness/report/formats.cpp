// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/formats.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/report/csv.h"
#include "harness/report/json.h"
#include "harness/report/junit.h"
#include "harness/report/kcidb.h"
#include "harness/report/ktap.h"
#include "harness/report/markdown.h"

namespace hangar::report {
namespace {

bool is_origin(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_base_url(const std::string& text) {
  constexpr std::string_view excluded = "\"<>\\^`{|}?#";
  const size_t host = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const bool plain = std::all_of(text.begin(), text.end(), [&](char c) {
    return c > ' ' && c < '\x7f' && excluded.find(c) == std::string_view::npos;
  });
  return host != 0 && text.size() > host && text[host] != '/' && plain;
}

Result<void> check(const ExportOptions& options) {
  if (!is_origin(options.origin)) {
    return user_error(fmt::format("the origin `{}` is not valid; use lowercase letters, digits and `_`",
                                  sanitize_for_terminal(options.origin)));
  }
  if (!options.log_url_base.empty() && !is_base_url(options.log_url_base)) {
    return user_error(
        fmt::format("the URL of the logs `{}` is not valid; use one that begins with https:// or "
                    "http:// and has no query, such as https://example.org/runs",
                    sanitize_for_terminal(options.log_url_base)));
  }
  return {};
}

}  // namespace

Result<std::string> render(Format format, const Contents& contents, const ExportOptions& options) {
  TRY(check(options));
  switch (format) {
    case Format::junit:
      return to_junit(contents);
    case Format::ktap:
      return to_ktap(contents);
    case Format::kcidb:
      return to_kcidb(contents, options);
    case Format::json:
      return to_json(contents);
    case Format::csv:
      return to_csv(contents);
    case Format::markdown:
      break;
  }
  return to_markdown(contents);
}

}  // namespace hangar::report
