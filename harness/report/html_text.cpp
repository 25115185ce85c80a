// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/html_text.h"

#include <fmt/format.h>

#include "harness/base/escape.h"

namespace hangar::report {
namespace {

const char* sign_of(verdict::Verdict verdict) {
  switch (verdict) {
    case verdict::Verdict::pass:
      return "&#10003;";
    case verdict::Verdict::fail:
      return "&#10007;";
    case verdict::Verdict::inconclusive:
      return "?";
    case verdict::Verdict::infra_error:
      break;
  }
  return "!";
}

}  // namespace

std::string section(std::string_view id, std::string_view text, const std::string& html) {
  return fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n", id,
                     escape_html(text), html);
}

std::string paragraph(std::string_view text) {
  return "<p>" + escape_html(text) + "</p>\n";
}

std::string td(std::string_view text) {
  return "<td>" + escape_html(text) + "</td>";
}

std::string table(std::string_view text, const std::vector<std::string>& titles,
                  const std::vector<std::string>& rows) {
  constexpr std::size_t many = 4;  // columns that fit on a phone
  std::string out = fmt::format(
      "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table{1}>\n"
      "<caption>{0}</caption>\n<thead><tr>",
      escape_html(text), titles.size() > many ? " class=\"many\"" : "");
  for (const std::string& title : titles) out += "<th scope=\"col\">" + escape_html(title) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const std::string& row : rows) out += "<tr>" + row + "</tr>\n";
  return out + "</tbody></table></div>\n";
}

std::string folded(std::string_view text, const std::string& html) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", escape_html(text), html);
}

std::string verdict_html(verdict::Verdict verdict) {
  return fmt::format("<span class=\"verdict {0}\"><span aria-hidden=\"true\">{1}</span> {0}</span>",
                     to_text(verdict), sign_of(verdict));
}

}  // namespace hangar::report
