// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/options.h"
#include "harness/cluster/site.h"
#include "harness/run/executor.h"

namespace hangar::cli {

// Where the guests of a command run: --engine, --connect and what goes with it, over hangar.yaml.
struct EngineOptions {
  std::optional<std::string> engine;
  std::vector<std::string> connect;
  std::optional<std::string> shared;
  std::optional<std::string> partition;
  std::optional<std::string> account;
  std::optional<std::string> constraint;
  std::optional<std::string> time_limit;
};

void declare_engine(Options& options, EngineOptions& given);
[[nodiscard]] Result<cluster::Site> site_of(const EngineOptions& given);
[[nodiscard]] std::unique_ptr<run::Executor> executor_for(const cluster::Site& site);

}  // namespace hangar::cli
