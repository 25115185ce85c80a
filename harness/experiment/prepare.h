// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/stopwatch.h"
#include "harness/experiment/plan.h"
#include "harness/image/image.h"
#include "harness/image/root.h"
#include "harness/kernel/build/cache.h"
#include "harness/run/bundle.h"
#include "harness/run/executor.h"
#include "harness/run/request.h"
#include "harness/vm/accel.h"
#include "harness/vm/host_facts.h"

namespace hangar::experiment {

// The spec's name of a kernel that needs modules to be loaded, else ""; the disk's file system; the program
// that is put onto it besides the reproducers, or "", or those of a sequence, one on each line.
using ImagesKey = std::tuple<std::string, std::string, std::string>;

// Everything that is made once, before the first run.
struct Prepared {
  std::vector<Cell> cells;
  std::map<std::string, kernel::Artifact> artifacts;  // by the spec's name
  std::map<ImagesKey, image::Images> images;
  std::map<std::string, image::Root> roots;  // by scenario::to_text() of the image
  fs::path scratch;
  fs::path capabilities;
  std::vector<Accel> accels;         // of each cell
  std::vector<vm::HostFacts> hosts;  // that guests run on; none: on this one
  Stopwatch watch;                   // how long the steps of preparing took
};

// Builds kernels and images, removes what killed runs left, chooses each cell's accelerator. `accels` are
// those that an experiment chose when it began, to be used again; empty: choose.
[[nodiscard]] Result<Prepared> prepare(const run::Request& request, run::Observer& observer,
                                       const std::vector<Accel>& accels = {});

// The accelerator of each cell: what its scenario asks for; for `auto` the answer of `probe`, which is asked
// once for each kernel, since a kernel may not run under a KVM that works for another.
using AccelProbe = std::function<Result<Accel>(const Cell& cell)>;
[[nodiscard]] Result<std::vector<Accel>> choose_accels(const std::vector<Cell>& cells,
                                                       const AccelProbe& probe);
// Sets what an experiment chose when it began. Nothing when the cells are not the same any more: comparing
// them reports that.
void keep_accels(std::vector<Cell>& cells, const std::vector<Accel>& accels);

// Builds one kernel, and reports it to the observer.
[[nodiscard]] Result<kernel::Artifact> build_kernel(const kernel::Cache& cache, const kernel::Spec& spec,
                                                    run::Observer& observer);

// What a cell's kernel boots with.
[[nodiscard]] const image::Images& images_of(const Prepared& prepared, const Cell& cell);

// The root that a cell's program runs in.
[[nodiscard]] const image::Root& root_of(const Prepared& prepared, const Cell& cell);

// An Error if a kernel of this .config, for which init loads `modules`, cannot mount the root.
[[nodiscard]] Result<void> check_root(const std::string& kernel, const std::string& config,
                                      const std::vector<fs::path>& modules, ImageKind image);

// Whether a kernel of this .config, for which init loads `modules`, mounts ext4 or xfs.
[[nodiscard]] bool can_mount(const std::string& config, const std::vector<fs::path>& modules,
                             const std::string& file_system);

// What a trial of KVM needs to know.
[[nodiscard]] vm::AccelRequest accel_request(const Home& home, const fs::path& scratch,
                                             const kernel::Artifact& artifact, const fs::path& initrd);

// One run of the cell with this number, ready to be written into a run directory.
[[nodiscard]] Result<run::Bundle> make_bundle(const run::Request& request, const Prepared& prepared,
                                              std::size_t cell, const std::string& id);

}  // namespace hangar::experiment
