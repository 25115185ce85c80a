// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/facts.h"
#include "harness/base/result.h"
#include "harness/scenario/image.h"

namespace hangar {
class Yaml;
}

// The guest's machine, as a scenario, a study's setting or a command line chooses it.
namespace hangar::scenario {

using hangar::to_string;

inline constexpr std::uint64_t least_memory_bytes = 64ull << 20;  // less does not boot

// `any`: no accelerator in particular.
enum class AccelChoice : std::uint8_t { any, kvm, tcg };

struct MachineChoice {
  int cpus = 2;
  std::uint64_t memory_bytes = 256ull << 20;
  std::string disk = "ext4";   // file system of the disk with the reproducers: ext4, xfs
  int disk_iops = 0;           // reads and writes that the disk does in a second; 0: as many as it can
  std::optional<Accel> accel;  // none: the one that works on this host, for this kernel
  ImageChoice image;           // the key `image` of a scenario, beside `machine`
};

// What is to differ from a machine that was chosen elsewhere.
struct MachineChanges {
  std::optional<int> cpus = {};
  std::optional<std::uint64_t> memory_bytes = {};
  std::optional<std::string> disk = {};
  std::optional<int> disk_iops = {};
  std::optional<AccelChoice> accel = {};
  std::optional<ImageChoice> image = {};
  [[nodiscard]] bool operator==(const MachineChanges&) const = default;
};

void apply(const MachineChanges& changes, MachineChoice& machine);

inline constexpr int most_cpus = 64;
inline constexpr int most_disk_iops = 1000000;
[[nodiscard]] const std::vector<std::string>& disk_words();

// cpus, memory, disk, disk-iops, accel: what read_machine_changes() reads, any of them missing.
[[nodiscard]] const std::vector<std::string>& machine_keys();
[[nodiscard]] Result<MachineChanges> read_machine_changes(const Yaml& yaml);

}  // namespace hangar::scenario

template <>
inline constexpr auto hangar::words_of<hangar::scenario::AccelChoice> =
    std::to_array<std::string_view>({"auto", "kvm", "tcg"});
