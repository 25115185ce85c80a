// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/machine.h"

#include <fmt/format.h>

#include "harness/base/yaml.h"

namespace hangar::scenario {
namespace {

Result<int> read_count(const Yaml& yaml, int most, const char* of) {
  TRY_ASSIGN(const std::int64_t count, yaml.integer());
  if (count < 1 || count > most) return yaml.error(fmt::format("expected 1 to {} {}", most, of));
  return static_cast<int>(count);
}

}  // namespace

void apply(const MachineChanges& changes, MachineChoice& machine) {
  machine.cpus = changes.cpus.value_or(machine.cpus);
  machine.memory_bytes = changes.memory_bytes.value_or(machine.memory_bytes);
  machine.disk = changes.disk.value_or(machine.disk);
  machine.disk_iops = changes.disk_iops.value_or(machine.disk_iops);
  if (changes.image) machine.image = *changes.image;
  if (changes.accel) machine.accel = from_word<Accel>(to_string(*changes.accel));
}

const std::vector<std::string>& disk_words() {
  static const std::vector<std::string> words = {"ext4", "xfs"};
  return words;
}

const std::vector<std::string>& machine_keys() {
  static const std::vector<std::string> keys = {"cpus", "memory", "disk", "disk-iops", "accel"};
  return keys;
}

Result<MachineChanges> read_machine_changes(const Yaml& yaml) {
  MachineChanges changes;
  if (const auto cpus = yaml.get("cpus")) {
    TRY_ASSIGN(changes.cpus, read_count(*cpus, most_cpus, "vCPUs"));
  }
  if (const auto memory = yaml.get("memory")) {
    TRY_ASSIGN(changes.memory_bytes, memory->size());
    if (*changes.memory_bytes < least_memory_bytes) return memory->error("expected at least 64MiB");
  }
  if (const auto disk = yaml.get("disk")) {
    TRY_ASSIGN(changes.disk, disk->one_of(disk_words()));
  }
  if (const auto iops = yaml.get("disk-iops")) {
    TRY_ASSIGN(changes.disk_iops, read_count(*iops, most_disk_iops, "operations per second"));
  }
  if (const auto accel = yaml.get("accel")) {
    TRY_ASSIGN(changes.accel, accel->one_of<AccelChoice>());
  }
  return changes;
}

}  // namespace hangar::scenario
