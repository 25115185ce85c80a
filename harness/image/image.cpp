// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/image.h"

#include <algorithm>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/base/json.h"
#include "harness/cache/entry.h"
#include "harness/image/compiler.h"
#include "harness/image/disk.h"
#include "harness/image/extra.h"
#include "harness/image/initrd.h"

namespace hangar::image {
namespace {

using nlohmann::json;

// To be raised when the layout of the images changes without any source doing so.
constexpr const char* recipe = "1";
constexpr const char* manifest_name = "manifest.json";

struct Plan {
  Source init;
  std::vector<Source> reproducers;
  std::optional<Program> extra;
  std::vector<Program> steps;
};

// All of images/guest is one program: init forks the others, which share what it has mapped.
Result<Source> init_source(const fs::path& source_tree) {
  const fs::path folder = source_tree / "images" / "guest";
  Source init = {"init", {}};
  for (const auto& entry : fs::list_or_empty(folder)) {
    if (entry.path().extension() == ".c") init.files.push_back(entry.path());
  }
  if (init.files.empty()) {
    return user_error(fmt::format("no guest program in {}: the checkout is incomplete", folder.string()));
  }
  std::sort(init.files.begin(), init.files.end());
  return init;
}

std::vector<Source> reproducer_sources(const fs::path& source_tree) {
  std::vector<Source> found;
  for (const fs::path& folder : program_folders(source_tree)) {
    for (const auto& entry : fs::list_or_empty(folder)) {
      const std::string name = entry.path().filename().string();
      const fs::path source = entry.path() / (name + ".c");
      if (fs::exists(source)) found.push_back({name, {source}});
    }
  }
  std::sort(found.begin(), found.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
  return found;
}

// Each file once; two of the same name would be one program in the guest.
Result<std::vector<Program>> prepare_steps(const Compiler& compiler, const std::vector<fs::path>& files,
                                           Runs runs) {
  std::map<std::string, fs::path> by_name;
  std::vector<Program> steps;
  for (const fs::path& file : files) {
    TRY_ASSIGN(const Program program, prepare_extra(compiler, file, runs));
    const auto [known, added] = by_name.emplace(program.name, file);
    if (added) {
      steps.push_back(program);
    } else if (known->second != file) {
      return user_error(fmt::format("two programs of the sequence are called {}: {} and {}. Rename one",
                                    program.name, known->second.string(), file.string()));
    }
  }
  return steps;
}

Result<Plan> make_plan(const ImageRequest& request, const Compiler& compiler) {
  Plan plan;
  TRY_ASSIGN(const fs::path whole, fs::absolute(request.source_tree));
  const fs::path source_tree = whole.lexically_normal();
  TRY_ASSIGN(plan.init, init_source(source_tree));
  plan.reproducers = reproducer_sources(source_tree);
  const Runs runs = request.has_root ? Runs::all_programs : Runs::static_programs;
  if (request.extra_program) {
    TRY_ASSIGN(plan.extra, prepare_extra(compiler, *request.extra_program, runs));
  }
  TRY_ASSIGN(plan.steps, prepare_steps(compiler, request.step_programs, runs));
  plan.steps.insert(plan.steps.end(), request.files.begin(), request.files.end());
  return plan;
}

Result<std::string> key_of(const ImageRequest& request, const Plan& plan, const Compiler& compiler) {
  Digest digest;
  digest.add("recipe", recipe).add("fs", request.disk_fs).add("bytes", std::to_string(request.disk_bytes));
  TRY_ASSIGN(const std::string init, compiler.key(plan.init));
  digest.add("init", init);
  for (const Source& source : plan.reproducers) {
    TRY_ASSIGN(const std::string key, compiler.key(source));
    digest.add("program " + source.name, key);
  }
  for (const fs::path& module : request.modules) {
    TRY_ASSIGN(const std::string content, sha256_file(module));
    digest.add("module " + module.filename().string(), content);
  }
  if (plan.extra) {
    TRY_ASSIGN(const std::string content, sha256_file(plan.extra->file));
    digest.add("extra " + plan.extra->name, content);
  }
  for (const Program& step : plan.steps) {
    TRY_ASSIGN(const std::string content, sha256_file(step.file));
    digest.add("step " + step.name, content);
  }
  return digest.hex();
}

// One that is called like a reproducer takes its place.
void add_program(const Program& extra, std::vector<Program>& programs) {
  const auto at =
      std::lower_bound(programs.begin(), programs.end(), extra.name,
                       [](const Program& program, const std::string& name) { return program.name < name; });
  if (at != programs.end() && at->name == extra.name) {
    at->file = extra.file;
  } else {
    programs.insert(at, extra);
  }
}

Images at_folder(const fs::path& folder) {
  Images images;
  images.initrd = folder / "initrd";
  images.disk = folder / "disk.img";
  return images;
}

// The entry as its manifest describes it, or nothing: not there, or not whole.
std::optional<Images> load(const fs::path& folder) {
  auto lock = FolderLock::share(folder);
  if (!lock) return std::nullopt;
  const auto text = read_file(folder / manifest_name);
  if (!text) return std::nullopt;
  const json manifest = parse_object(*text);
  Images images = at_folder(folder);
  images.in_use = std::make_shared<const FolderLock>(std::move(*lock));
  std::uintmax_t initrd_bytes = 0;
  std::uintmax_t disk_bytes = 0;
  JsonReader in(manifest);
  in.take("initrd_bytes", initrd_bytes).take("disk_bytes", disk_bytes);
  in.take("initrd_sha256", images.initrd_digest).take("disk_sha256", images.disk_digest);
  in.take("programs", images.programs).take("extra_program", images.extra_program);
  if (in.fault()) return std::nullopt;
  const auto initrd_size = fs::file_size(images.initrd);
  const auto disk_size = fs::file_size(images.disk);
  const bool whole = initrd_size && *initrd_size == initrd_bytes && disk_size && *disk_size == disk_bytes;
  return whole ? std::optional(std::move(images)) : std::nullopt;
}

Result<void> save_manifest(const fs::path& folder, const Images& images) {
  TRY_ASSIGN(const std::uint64_t initrd_bytes, fs::file_size(folder / "initrd"));
  TRY_ASSIGN(const std::uint64_t disk_bytes, fs::file_size(folder / "disk.img"));
  const json manifest = {{"initrd_sha256", images.initrd_digest}, {"disk_sha256", images.disk_digest},
                         {"initrd_bytes", initrd_bytes},          {"disk_bytes", disk_bytes},
                         {"programs", images.programs},           {"extra_program", images.extra_program}};
  return write_file(folder / manifest_name, json_text(manifest, 1) + "\n");
}

// QEMU runs as another user: it must be able to read, whatever the umask is. And what is renamed into place
// must be on the disk first, or a power cut leaves an entry that only looks finished.
Result<void> settle(const fs::path& folder) {
  TRY(fs::set_permissions(folder, fs::perms(0755)));
  for (const char* name : {"initrd", "disk.img", manifest_name}) {
    TRY(fs::set_permissions(folder / name, fs::perms(0644)));
    const Fd fd(::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::fdatasync(fd.get()) != 0) return errno_error("cannot write " + (folder / name).string());
  }
  return {};
}

Result<void> fill(const fs::path& folder, const ImageRequest& request, const Plan& plan,
                  const Compiler& compiler) {
  TRY_ASSIGN(const Program init, compiler.compile(plan.init));
  std::vector<Program> on_disk;
  for (const Source& source : plan.reproducers) {
    TRY_ASSIGN(Program program, compiler.compile(source));
    on_disk.push_back(std::move(program));
  }
  if (plan.extra) add_program(*plan.extra, on_disk);
  for (const Program& step : plan.steps) add_program(step, on_disk);
  Images images = at_folder(folder);
  TRY(write_initrd(images.initrd, init.file, request.modules));
  TRY(write_disk(images.disk, request.disk_fs, request.disk_bytes, on_disk));
  TRY_ASSIGN(images.initrd_digest, sha256_file(images.initrd));
  TRY_ASSIGN(images.disk_digest, sha256_file(images.disk));
  for (const Program& program : on_disk) images.programs.push_back(program.name);
  if (plan.extra) images.extra_program = "/repro/bin/" + plan.extra->name;
  TRY(save_manifest(folder, images));
  return settle(folder);
}

}  // namespace

Result<Images> build_images(const ImageRequest& asked) {
  ImageRequest request = asked;
  if (request.disk_bytes == 0) request.disk_bytes = usual_disk_bytes(request.disk_fs);
  TRY(check_disk(request.disk_fs, request.disk_bytes));
  TRY_ASSIGN(const Compiler compiler, Compiler::find(request.source_tree, request.cache));
  TRY_ASSIGN(const Plan plan, make_plan(request, compiler));
  TRY_ASSIGN(const std::string key, key_of(request, plan, compiler));
  TRY_ASSIGN(const fs::path cache, fs::absolute(request.cache));
  const fs::path root = cache / "images";
  const fs::path folder = root / key.substr(0, 32);
  if (auto images = load(folder)) {
    images->cached = true;
    cache::touch(folder);
    return *images;
  }

  TRY_ASSIGN(const FileLock lock, FileLock::acquire(root / ".lock"));
  if (auto images = load(folder)) return *images;
  TRY(fs::remove_all(folder));  // incomplete: made again
  TRY_ASSIGN(TempDir making, TempDir::make(root, ".new-"));
  TRY(fill(making.path(), request, plan, compiler));
  (void)fs::set_permissions(root, fs::perms(0755));  // it may be another user's
  TRY(making.commit(folder));
  if (auto images = load(folder)) return *images;
  return infra_error(
      fmt::format("the images in {} were removed while they were being built", folder.string()));
}

Result<void> verify_images(const Images& images) {
  const std::pair<const fs::path*, const std::string*> files[] = {{&images.initrd, &images.initrd_digest},
                                                                  {&images.disk, &images.disk_digest}};
  for (const auto& [file, digest] : files) {
    TRY_ASSIGN(const std::string now, sha256_file(*file));
    if (now != *digest) {
      return infra_error(fmt::format("{} is damaged: remove {} and it is built again", file->string(),
                                     file->parent_path().string()));
    }
  }
  return {};
}

Result<void> verify_folder(const fs::path& folder) {
  const auto images = load(folder);
  if (!images) return infra_error(fmt::format("{} is incomplete", folder.string()));
  return verify_images(*images);
}

}  // namespace hangar::image
