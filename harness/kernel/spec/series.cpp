// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/series.h"

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"

namespace hangar::kernel {
namespace {

Result<Series::Variant> read_variant(const Yaml& yaml, const fs::path& folder) {
  Series::Variant variant;
  if (const auto range = yaml.get("applies-to")) {
    TRY_ASSIGN(variant.applies_to, range->text());
    auto parsed = parse_range(variant.applies_to);
    if (!parsed) return range->error(parsed.error().message);
    variant.range = std::move(*parsed);
  }
  TRY_ASSIGN(const Yaml patches, yaml.need("patches"));
  for (const Yaml& item : patches.items()) {
    TRY_ASSIGN(std::string name, item.text());
    if (name.find("..") != std::string::npos || name.empty() || name[0] == '/')
      return item.error("a patch must be in the folder of its series");
    if (!fs::is_regular_file(folder / name)) return item.error(fmt::format("no patch `{}`", name));
    variant.patches.push_back(std::move(name));
  }
  return variant;
}

}  // namespace

Result<Series> load_series(const fs::path& kernels, const std::string& name_or_folder) {
  const fs::path folder = kernels / "patches" / name_or_folder;  // an absolute path stays what it is
  const std::string name = folder.filename().string();
  Series series{name, {}, folder, {}};
  TRY_ASSIGN(const Yaml yaml, Yaml::load(series.folder / "series.yaml"));
  TRY(yaml.only_keys({"series", "about", "applies-to", "patches", "variants", "origin"}));
  if (const auto own = yaml.get("series"); own && own->raw() != name)
    return own->error(fmt::format("the series in the folder {} must be called `{}`", name, name));
  if (const auto about = yaml.get("about")) {
    TRY_ASSIGN(series.about, about->text());
  }
  const auto variants = yaml.get("variants");
  if (!variants) {
    TRY_ASSIGN(Series::Variant only, read_variant(yaml, series.folder));
    series.variants.push_back(std::move(only));
    return series;
  }
  if (yaml.get("patches") || yaml.get("applies-to"))
    return variants->error("`patches` and `applies-to` belong inside of each of the `variants`");
  for (const Yaml& item : variants->items()) {
    TRY(item.only_keys({"about", "applies-to", "patches"}));
    TRY_ASSIGN(Series::Variant variant, read_variant(item, series.folder));
    series.variants.push_back(std::move(variant));
  }
  return series;
}

Result<std::vector<PatchFile>> select_patches(const Series& series, const Version& version) {
  std::vector<std::string> ranges;
  for (const auto& variant : series.variants) {
    ranges.push_back(variant.applies_to);
    if (!variant.range.contains(version)) continue;
    std::vector<PatchFile> patches;
    for (const auto& name : variant.patches) {
      TRY_ASSIGN(std::string text, read_file(series.folder / name));
      patches.push_back({series.name + "/" + name, std::move(text)});
    }
    return patches;
  }
  return user_error(fmt::format("the patch series {} does not apply to Linux {}: it applies to {}",
                                series.name, dotted(version), join(ranges, " or ")));
}

}  // namespace hangar::kernel
