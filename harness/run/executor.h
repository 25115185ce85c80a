// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/build_progress.h"
#include "harness/base/result.h"
#include "harness/run/report.h"
#include "harness/run/request.h"
#include "harness/run/status.h"

// What executes experiments. Who asks for runs (bisect, compare, nightly) knows this alone, not the virtual
// machines below it.
namespace hangar::run {

// Gets reports of what happens, as it happens; on_status may be called from several threads, one call at a
// time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void note(const std::string& line) = 0;
  virtual void on_build(const std::string& kernel, const BuildProgress& progress) = 0;
  virtual void on_status(const std::string& cell, const Status& status) = 0;
  virtual void on_run(const CellReport& cell, const RunReport& run) = 0;
  // The state of the whole experiment on one line, which replaces the one before.
  virtual void on_progress(const std::string& /*line*/) {}
};

class Executor {
 public:
  virtual ~Executor() = default;
  // An Error: nothing was run, or what ran could not be kept.
  [[nodiscard]] virtual Result<Report> execute(const Request& request, Observer& observer) = 0;
};

}  // namespace hangar::run
