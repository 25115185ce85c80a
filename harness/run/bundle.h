// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/result.h"
#include "harness/scenario/scenario.h"

namespace hangar {
class JsonReader;
}

namespace hangar::scenario {
void to_json(nlohmann::json& out, const Rung& rung);
void read_fields(JsonReader& in, Rung& rung);
}  // namespace hangar::scenario

// bundle.json: everything that executing one run takes, self-contained, so that any engine can execute it,
// and everything that judging it again takes, years later.
namespace hangar::run {

inline constexpr const char* bundle_file = "bundle.json";
/// The event in which the worker leaves how long its steps took (timings_from_json()).
inline constexpr const char* timings_event = "timings";
// The event that describes what was copied of the guest's /results.
inline constexpr const char* results_event = "results";
// The event whose detail is the version of QEMU, "8.2.2".
inline constexpr const char* qemu_event = "qemu";
// The event whose detail is the model of the CPU of the other host that the guest ran on.
inline constexpr const char* cpu_event = "host-cpu";

/// One program of a sequence.
struct Step {
  std::string name;
  int number = 1;  // of the scenario's step, from 1
  std::vector<std::string> argv;
  bool may_fail = false;
};

/// What a run is: the same on any host. Judging a run needs nothing else.
struct RunSpec {
  std::string id;
  std::string experiment;
  int cell = 0;    // of the experiment, from 0
  int repeat = 0;  // of the cell, from 0
  std::string scenario;
  std::string scenario_yaml;  // the scenario's text as it was
  std::string kernel;         // its name
  std::string kernel_key;     // of the kernel cache
  std::string kernel_release;
  std::string kernel_source;         // "linux-source-6.1 6.1.192-2", or a tree; "": not known
  std::string kernel_revision;       // the commit that the source has; "": not a git tree, or not known
  std::optional<bool> kernel_dirty;  // whether the source differs from it; none: not known
  std::string kernel_config_digest;  // SHA-256 of .config; "": not known
  std::string kernel_signature;      // what the code does (kernel/build/signature.h); "": not known
  std::string initrd_digest;
  std::string disk_digest;
  ImageKind image = ImageKind::initramfs;  // the root that the program runs in
  std::string image_digest;  // "" for the initramfs; of the host's root: of the list of its packages
  int disk_iops = 0;         // 0: no limit
  std::string cmdline;       // of the kernel, without Placement::clock
  std::string append;        // of `--append`: the last part of it
  Accel accel = Accel::tcg;
  int cpus = 2;
  std::uint64_t memory_bytes = 0;
  std::vector<std::string> argv;  // of the reproducer; none in a sequence
  std::vector<Step> steps;        // of a sequence, in the order in which they run
  bool shuffled = false;          // their order follows from the seed
  bool exec = false;              // argv is the program of `--exec`, not the scenario's
  std::string judged_as;          // the kernel whose expectations hold; empty: this kernel's own
  std::uint64_t seed = 0;
  std::chrono::milliseconds start_delay{0};
  std::chrono::milliseconds deadline{0};
  std::chrono::milliseconds boot_deadline{0};
  std::chrono::milliseconds idle_deadline{0};  // 0: none
  std::chrono::milliseconds hang_threshold{0};
  std::vector<scenario::Rung> on_hang;
  bool restored = false;  // from a saved guest; false: it boots
  int guest_number = 0;   // which of the saved guests with the same ingredients, from 0
  std::string boot;  // identifies the boot that the run comes from: its own id, or the saved guest's uuid
};

/// Where and when a run takes place: paths and measurements of one host. Another host replaces all of it.
struct Placement {
  std::string kernel_path;  // what is booted
  std::string initrd;
  std::string disk;  // the image that the run's private copy is made from
  std::string root;  // the disk image of the root, of which the run gets an overlay; "": none, or the host's
  std::string root_format;  // of that file: raw or qcow2
  std::string clock;        // kernel argument with the measured frequency of the host's TSC; may be empty
  std::string connect;      // libvirt's URI; empty: embedded
  std::string scratch;      // where sockets and the private disk live
  std::string capabilities_cache;
  std::string saved_guest;  // the folder of the saved guest that the run is restored from; empty: it boots
  bool save = false;        // boot only, and save the guest into the folder
  std::int64_t started_unix = 0;
};

/// A run at its place: what a worker process executes.
struct Bundle : RunSpec {
  Placement placement;
  std::string kernel_diff;  // how the source differs from kernel_revision: kernel.diff, not in bundle.json
};

/// What runs, in words: argv, or that of each step with ";" in between. Steps whose order follows from the
/// seed are in the scenario's order, so that the words are those of all runs of a cell.
[[nodiscard]] std::vector<std::string> program_words(const RunSpec& spec);

/// The root of the program, for readers: "debian image 0123456789ab", or "" for the initramfs.
[[nodiscard]] std::string image_words(ImageKind image, const std::string& digest);

/// The command line that the kernel gets on this host.
[[nodiscard]] std::string full_cmdline(const Bundle& bundle);

/// Seconds, as outcomes count time.
[[nodiscard]] inline double in_seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// Writes hangar.bundle/2: {schema, spec, placement}.
[[nodiscard]] std::string to_json(const Bundle& bundle);
/// Reads hangar.bundle/2, where the placement may be missing, and /1 of earlier versions, which was one flat
/// object. Members that are missing have their defaults.
[[nodiscard]] Result<Bundle> bundle_from_json(const std::string& text);
// That of a run or of a saved guest; errors begin with its path.
[[nodiscard]] Result<Bundle> load_bundle(const fs::path& folder);

}  // namespace hangar::run
