// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/html.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "harness/base/escape.h"
#include "harness/report/html_sections.h"
#include "harness/report/packer.h"
#include "harness/report/page_bundle.h"

namespace hangar::report {
namespace {

// "sha256-...": how a content security policy names what it allows.
std::string csp_hash(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return "'sha256-" + base64({reinterpret_cast<const char*>(digest), size}) + "'";
}

std::string head(const std::string& title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}; "
      "style-src {}; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n",
      csp_hash(page_script), csp_hash(page_style), escape_html(title), page_style);
}

std::string body(const Contents& contents, const PageRuns& runs) {
  const auto& cells = contents.cells;
  const std::string begin = header_section(contents) + "<main>\n" + preface_section(contents);
  if (cells.empty()) return begin + "</main>\n" + footer_section(contents);
  return begin + result_section(contents) + boundary_section(contents) + matrix_section(cells) +
         comparison_section(contents) + survival_section(cells) + rates_section(cells) +
         runs_section(cells, runs) + stacks_section(cells, runs) + differences_section(contents) +
         commands_section(contents) + words_section() + "</main>\n" + footer_section(contents);
}

Result<std::string> page_of(const Contents& contents, const PageLimits& limits) {
  TRY_ASSIGN(const PageRuns runs, read_page_runs(contents.cells, limits));
  std::string page = head(contents.title);
  page += "<body>\n" + body(contents, runs);
  if (contents.cells.empty()) return page + "</body>\n</html>\n";
  page += "<script type=\"application/json\" id=\"data\">" + page_json(contents.cells, runs) + "</script>\n";
  page += "<script>";
  page += page_script;
  page += "</script>\n</body>\n</html>\n";
  return page;
}

// About what a page has besides its packs.
std::size_t other_bytes(const Contents& contents, std::size_t max_runs) {
  constexpr std::size_t bytes_of_run = 500;
  constexpr std::size_t bytes_of_cell = 8000;
  std::size_t runs = 0;
  for (const Cell& cell : contents.cells) runs += cell.runs.size();
  return page_script.size() + page_style.size() + contents.cells.size() * bytes_of_cell +
         std::min(runs, max_runs) * bytes_of_run;
}

}  // namespace

Result<std::string> to_html(const Contents& contents, const HtmlOptions& options) {
  const std::size_t other = other_bytes(contents, options.max_runs);
  const std::size_t budget = options.max_bytes > other ? options.max_bytes - other : 0;
  TRY_ASSIGN(std::string page, page_of(contents, {budget, options.tail, options.max_runs}));
  if (page.size() <= options.max_bytes || budget == 0) return page;
  const std::size_t excess = page.size() - options.max_bytes;
  return page_of(contents, {budget > excess ? budget - excess : 0, options.tail, options.max_runs});
}

}  // namespace hangar::report
