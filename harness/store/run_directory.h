// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/stopwatch.h"

// One run's folder, STATE/runs/<id>/, which holds all that was seen and is all that a later judgement needs.
namespace hangar::store {

// What the folder may hold. A run is finished once outcome.json exists.
namespace names {
inline constexpr std::string_view run = "run.json";
inline constexpr std::string_view kernel_diff = "kernel.diff";  // only if RunInfo::kernel_dirty
inline constexpr std::string_view domain_xml = "domain.xml";
inline constexpr std::string_view serial = "serial.log";  // or serial.log.xz once the run has ended
inline constexpr std::string_view serial_xz = "serial.log.xz";
inline constexpr std::string_view serial_times = "serial.idx";
inline constexpr std::string_view agent = "agent.jsonl";
inline constexpr std::string_view pulse = "pulse.log";
inline constexpr std::string_view events = "events.jsonl";
inline constexpr std::string_view program = "program.log";  // only if the program printed something
inline constexpr std::string_view results = "results";      // a folder, only if the program left files
inline constexpr std::string_view worker_stderr = "worker.stderr";  // only if the worker printed to stderr
inline constexpr std::string_view outcome = "outcome.json";
inline constexpr std::string_view verdict = "verdict.json";
}  // namespace names

// run.json: what was run, as far as it is known before and after. Empty texts are written as null.
struct RunInfo {
  std::string id;
  std::string experiment;  // the id of the `hangar run` that this belongs to
  std::string scenario;
  fs::path scenario_file;
  std::string kernel;          // the spec's name, or the path that was given
  std::string kernel_release;  // uname -r, from the guest's hello
  std::string kernel_digest;
  std::string kernel_source;         // "linux-source-6.1 6.1.192-2", or the source tree
  std::string kernel_revision;       // the commit that the source had; "": not a git tree, or not recorded
  std::optional<bool> kernel_dirty;  // whether the source differed from it; none: not recorded
  std::string kernel_config_digest;  // SHA-256 of .config
  std::string kernel_signature;      // the digest of what vmlinux does
  std::string initrd_digest;
  std::string disk_digest;
  std::string image;         // the root that the program ran in: "debian"; "": not recorded
  std::string image_digest;  // SHA-256 of it; "": none, or not recorded
  std::string machine;       // in words, such as "2 cpus, 256MiB, ext4, tcg"
  std::string cmdline;       // the guest kernel's
  std::string append;        // the part of it that --append gave
  std::vector<std::string> guest_argv;
  std::vector<std::string> qemu_argv;
  std::string qemu;  // its version, "8.2.2"; "": not recorded
  std::string node;  // of a cluster or --connect, where it ran; "": on the host of this store
  std::string cpu;   // the model of the host's CPU; "": not recorded
  std::uint64_t seed = 0;
  std::int64_t delay_ms = 0;  // random start delay of the reproducer
  bool restored = false;      // from a saved guest, rather than booted
  std::string boot;  // the boot that the run comes from: its id, or the saved guest's; "": not recorded
  double started_unix = 0;                // wall clock, seconds
  double wall_s = 0;                      // of the whole run, as its user waited
  std::vector<Timing> timings;            // of its steps
  std::vector<std::string> host_trouble;  // what makes a hang seen here suspect: steal, swap, pressure
};

[[nodiscard]] std::string to_json(const RunInfo& info);
[[nodiscard]] Result<RunInfo> run_info_from_json(const std::string& text);

// Such as 20261123-021530-4f2a9c: UTC and random digits. Sorts by time.
[[nodiscard]] std::string new_id();
[[nodiscard]] std::string new_id_at(std::int64_t unix_s);
// The ids of runs that began at this time or later do not sort below this.
[[nodiscard]] std::string first_id_at(std::int64_t unix_s);
[[nodiscard]] bool is_id(std::string_view text);

// Held from RunDirectory::create() until run.json is in the folder.
[[nodiscard]] Result<FileLock> lock_beginnings(const fs::path& state);
// Removes the folders that have no run.json: a kill came just then, and nothing ran.
[[nodiscard]] Result<void> remove_stillborn(const fs::path& state);

class RunDirectory {
 public:
  // What a run needs before it starts; less is an error rather than a run with half a log.
  static constexpr std::uint64_t needed_bytes = 64ull << 20;

  // A new, empty folder below `state`/runs. This host's clock is so far ahead of the clock by which runs are
  // named.
  [[nodiscard]] static Result<RunDirectory> create(const fs::path& state, double clock_ahead_s = 0);
  // An existing one.
  [[nodiscard]] static Result<RunDirectory> open(const fs::path& path);

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] fs::path file(std::string_view name) const { return path_ / name; }

  [[nodiscard]] Result<void> save_info(const RunInfo& info) const;
  [[nodiscard]] Result<RunInfo> load_info() const;
  // Puts all files of the folder onto the disk. Call it before outcome.json is written: a run that counts as
  // finished must still have its logs after a crash of the host.
  [[nodiscard]] Result<void> sync() const;
  // outcome.json is there.
  [[nodiscard]] bool finished() const;
  // The word in verdict.json; "" when there is none yet or it cannot be read.
  [[nodiscard]] std::string verdict() const;

  // The console's log in its present form: serial.log, else serial.log.xz, else an error.
  [[nodiscard]] Result<fs::path> serial() const;
  // The first `limit` bytes of it, decompressed. The log engine is for what is larger.
  [[nodiscard]] Result<std::string> read_serial(std::uint64_t limit = 256ull << 20) const;
  // serial.log becomes serial.log.xz; the raw file goes only once the other is on the disk, whole. Does
  // nothing when that was done before.
  [[nodiscard]] Result<void> compress() const;

 private:
  RunDirectory(std::string id, fs::path path) : id_(std::move(id)), path_(std::move(path)) {}
  std::string id_;
  fs::path path_;
};

}  // namespace hangar::store
