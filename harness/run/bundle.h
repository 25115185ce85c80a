// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
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

struct Bundle {
  std::string id;
  std::string experiment;
  int cell = 0;    // of the experiment, from 0
  int repeat = 0;  // of the cell, from 0
  std::string scenario;
  std::string scenario_yaml;  // the scenario's text as it was
  std::string kernel;         // the spec's name
  std::string kernel_path;    // what is booted
  std::string kernel_key;
  std::string kernel_release;
  std::string initrd;
  std::string initrd_digest;
  std::string disk;  // the image that the run's private copy is made from
  std::string disk_digest;
  int disk_iops = 0;  // 0: as many as it can
  std::string cmdline;
  std::string accel;    // kvm or tcg
  std::string connect;  // libvirt's URI; empty: embedded
  std::string scratch;  // where sockets and the private disk live
  std::string capabilities_cache;
  int cpus = 2;
  std::uint64_t memory_bytes = 0;
  std::vector<std::string> argv;  // of the reproducer
  bool exec = false;              // argv is the program of `--exec`, not the scenario's
  std::string judged_as;          // the kernel whose expectations hold; empty: this kernel's own
  std::uint64_t seed = 0;
  std::int64_t start_delay_ms = 0;
  std::int64_t deadline_ms = 0;
  std::int64_t boot_deadline_ms = 0;
  std::int64_t hang_threshold_ms = 0;
  std::vector<scenario::Rung> on_hang;
  std::int64_t started_unix = 0;
  // The folder of the saved guest that the run goes on from; empty: it boots.
  std::string saved_guest;
  int guest_number = 0;  // which of the saved guests with the same ingredients, from 0
  std::string boot;      // identifies the boot that the run comes from: its own id, or the saved guest's uuid
  bool save = false;     // boot only, and save the guest into the folder
};

// The command line without the clock's frequency, which each hangar measures anew: what two runs that are to
// be comparable must have in common.
[[nodiscard]] std::string lasting_cmdline(const Bundle& bundle);

[[nodiscard]] std::string to_json(const Bundle& bundle);
[[nodiscard]] Result<Bundle> bundle_from_json(const std::string& text);

}  // namespace hangar::run
