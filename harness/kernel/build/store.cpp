// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/store.h"

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/kernel/build/binary.h"
#include "harness/kernel/build/checked.h"
#include "harness/kernel/build/signature.h"

namespace hangar::kernel {
namespace {

using nlohmann::json;

constexpr const char* schema = "hangar.kernel/1";

Result<json> digest_files(const fs::path& folder, const std::vector<std::string>& names) {
  json files = json::object();
  for (const std::string& name : names) {
    TRY_ASSIGN(const std::string digest, sha256_file(folder / name));
    TRY_ASSIGN(const std::uint64_t size, fs::file_size(folder / name));
    files[name] = {{"sha256", digest}, {"size", size}};
  }
  return files;
}

json named_list(const std::vector<Named>& list) {
  json out = json::array();
  for (const auto& [name, digest] : list) out.push_back({{"name", name}, {"sha256", digest}});
  return out;
}

// "" when the file is as the manifest has it.
std::string check_file(const fs::path& path, const json& wanted) {
  const std::string name = path.filename().string();
  if (!wanted.is_object()) return fmt::format("{} is not in its manifest", name);
  const auto digest = sha256_file(path);
  if (!digest) return fmt::format("{} cannot be read", name);
  if (field<std::string>(wanted, "sha256") != *digest) return fmt::format("checksum mismatch: {}", name);
  return "";
}

Loaded damaged(std::string why) {
  return {std::nullopt, std::move(why)};
}

// "" when all are as the manifest has them. `now` gets their stamps.
std::string check_files(const fs::path& folder, const std::map<std::string, json>& files,
                        const Checked& before, Checked& now) {
  for (const auto& [name, wanted] : files) {
    // The stamp first: what changes while the file is read shows in the next one.
    const std::string stamp = stamp_of(folder / name);
    const auto known = before.stamps.find(name);
    const bool unchanged = known != before.stamps.end() && known->second == stamp;
    std::string why = unchanged ? "" : check_file(folder / name, wanted);
    if (!why.empty()) return why;
    if (!stamp.empty()) now.stamps[name] = stamp;
  }
  return "";
}

// Manifests of earlier versions have no revision.
void read_origin(const json& manifest, Artifact& artifact) {
  const json source = field<json>(manifest, "source").value_or(json());
  artifact.source = field<std::string>(source, "label").value_or("");
  const json files = field<json>(manifest, "files").value_or(json());
  artifact.config_digest =
      field<std::string>(field<json>(files, ".config").value_or(json()), "sha256").value_or("");
  artifact.revision.commit = field<std::string>(source, "revision").value_or("");
  artifact.revision.dirty = field<bool>(source, "dirty");
}

// Of a kernel that an earlier version of Hangar has built: it has another kind of signature.
Result<std::string> current_signature(const Artifact& artifact, const Checked& before, const Checked& now) {
  if (is_current_signature(before.signature) && now.stamps == before.stamps) return before.signature;
  TRY_ASSIGN(const BinaryInfo vmlinux, inspect_binary(artifact.vmlinux));
  return vmlinux.signature;
}

}  // namespace

fs::path artifact_path(const fs::path& cache, const std::string& key) {
  return cache / "kernels" / key.substr(0, 32);
}

Result<void> write_manifest(const fs::path& folder, const Inputs& inputs, const BuildFacts& facts) {
  TRY_ASSIGN(const json files, digest_files(folder, {"bzImage", "vmlinux", ".config"}));
  TRY_ASSIGN(const BinaryInfo vmlinux, inspect_binary(folder / "vmlinux"));
  const json manifest = {
      {"schema", schema},
      {"key", inputs.key},
      {"release", facts.release},
      {"source",
       {{"label", inputs.tree.label},
        {"lineage", inputs.tree.lineage},
        {"sha256", inputs.tree.digest},
        {"revision", or_null(inputs.tree.revision.commit)},
        {"dirty", inputs.tree.revision.dirty}}},
      {"config", named_list(inputs.config_digests())},
      {"patches", named_list(inputs.patch_digests())},
      {"compiler", inputs.tools.compiler_line},
      {"linker", inputs.tools.linker_line},
      {"recipe", recipe_version},
      {"build_s", facts.build_s},
      {"steps", facts.steps},
      {"started_from", facts.started_from},
      {"signature", vmlinux.signature},
      {"files", files},
  };
  return write_file(folder / "manifest.json", json_text(manifest, 2) + "\n");
}

Result<void> write_prebuilt_manifest(const fs::path& folder, const std::string& key,
                                     const FetchedPackage& package, const std::string& release,
                                     const std::vector<std::string>& modules) {
  std::vector<std::string> names = {"bzImage", ".config"};
  for (const std::string& module : modules) names.push_back("modules/" + module);
  TRY_ASSIGN(const json files, digest_files(folder, names));
  const json manifest = {
      {"schema", schema},
      {"key", key},
      {"release", release},
      {"source", {{"label", package.label}, {"lineage", package.label}, {"sha256", package.sha256}}},
      {"modules", modules},
      {"build_s", 0.0},
      {"signature", ""},
      {"files", files},
  };
  return write_file(folder / "manifest.json", json_text(manifest, 2) + "\n");
}

Loaded load_artifact(const fs::path& cache, const std::string& key, Check check) {
  Artifact artifact;
  artifact.key = key;
  artifact.directory = artifact_path(cache, key);
  if (!fs::exists(artifact.directory)) return {};
  // First the lock, then the look: what is whole now then stays.
  if (auto lock = FolderLock::share(artifact.directory))
    artifact.in_use = std::make_shared<const FolderLock>(std::move(*lock));
  const auto text = read_file(artifact.directory / "manifest.json");
  if (!text) return damaged("its manifest is missing");
  artifact.manifest = *text;
  const json manifest = parse_object(*text);
  if (field<std::string>(manifest, "schema") != schema || field<std::string>(manifest, "key") != key)
    return damaged("its manifest belongs to another kernel");
  std::map<std::string, json> files;
  std::vector<std::string> modules;
  JsonReader in(manifest);
  in.take("release", artifact.release)
      .take("signature", artifact.signature)
      .take("build_s", artifact.build_s);
  in.take("files", files).take_if("modules", modules);
  if (in.fault()) return damaged("its manifest cannot be read");
  read_origin(manifest, artifact);
  const Checked before = read_checked(artifact.directory);
  Checked now;
  const std::string why =
      check_files(artifact.directory, files, check == Check::contents ? Checked() : before, now);
  if (!why.empty()) return damaged(why);
  for (const std::string& name : modules) artifact.modules.push_back(artifact.directory / "modules" / name);
  artifact.bzimage = artifact.directory / "bzImage";
  if (files.count("vmlinux") != 0) artifact.vmlinux = artifact.directory / "vmlinux";
  if (!artifact.vmlinux.empty() && !is_current_signature(artifact.signature)) {
    const auto signature = current_signature(artifact, before, now);
    if (!signature) return damaged(signature.error().message);
    now.signature = artifact.signature = *signature;
  }
  if (now != before) write_checked(artifact.directory, now);
  return {std::move(artifact), {}};
}

std::optional<Precedent> find_precedent(const fs::path& cache, const Inputs& inputs, bool cold) {
  std::optional<Precedent> found;
  const json config = named_list(inputs.config_digests());
  for (const auto& entry : fs::list_or_empty(cache / "kernels")) {
    const auto text = read_file(entry.path() / "manifest.json");
    if (!text) continue;
    const json manifest = parse_object(*text);
    if (field<json>(manifest, "config") != config) continue;
    if (field<std::string>(manifest, "started_from").value_or("").empty() != cold) continue;
    found = Precedent{field<size_t>(manifest, "steps").value_or(0),
                      field<double>(manifest, "build_s").value_or(0)};
  }
  return found;
}

}  // namespace hangar::kernel
