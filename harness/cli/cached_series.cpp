// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/cached_series.h"

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/mail/write.h"

namespace hangar::cli {

Result<CachedSeries> cached_series(const mail::Findings& findings, const std::string& from,
                                   const Home& home) {
  if (findings.patches.empty()) return user_error(fmt::format("{}: no patch found", from));
  Digest digest;
  for (const mail::Patch& patch : findings.patches) {
    if (!patch.whole()) {
      return user_error(fmt::format("{}: the patch \"{}\" is damaged: see `hangar import {} --dry-run`", from,
                                    sanitize_for_terminal(patch.title), from));
    }
    digest.add("patch", mail::patch_file(patch));
  }
  CachedSeries series;
  const std::string folder = fs::path(from).filename().string();
  series.name =
      fs::is_directory(from) && is_name(folder) ? folder : mail::slug(findings.patches.front().title);
  series.folder = home.cache / "validate" / digest.hex().substr(0, 12) / series.name;
  if (!fs::exists(series.folder / "series.yaml"))
    TRY(mail::write_series(series.folder, findings.patches, findings.logs));
  return series;
}

}  // namespace hangar::cli
