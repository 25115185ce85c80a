// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/engine.h"

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cluster/executor.h"
#include "harness/experiment/execute.h"
#include "harness/vm/remote_uri.h"

namespace hangar::cli {
namespace {

// sbatch gets it as the value of an option.
Result<void> take_word(const char* option, const std::optional<std::string>& given, std::string& into) {
  if (!given) return {};
  if (given->find_first_of(" \t\n") != std::string::npos)
    return user_error(fmt::format("{}: expected one word, not `{}`", option, *given));
  into = *given;
  return {};
}

Result<void> check_uris(const std::vector<std::string>& uris) {
  for (const std::string& uri : uris) {
    auto good = vm::check_uri(uri);
    if (!good) return std::move(good).error().within("--connect");
  }
  return {};
}

}  // namespace

void declare_engine(Options& options, EngineOptions& given) {
  options.value("--engine", given.engine,
                "where guests run: on this host, or as jobs of Slurm (`hangar help cluster`; default: from "
                "hangar.yaml, else local)",
                "local|slurm");
  options.list("--connect", given.connect,
               "run guests through this libvirt daemon, such as qemu+ssh://HOST/system; can be repeated to "
               "spread runs over hosts (`hangar help remote`; default: from hangar.yaml, else libvirt's "
               "embedded driver)",
               "URI");
  options.value("--shared", given.shared,
                "engine slurm: folder that all nodes share (default: from hangar.yaml)", "DIR");
  options.value("--partition", given.partition, "engine slurm: partition (default: from hangar.yaml)",
                "NAME");
  options.value("--account", given.account, "engine slurm: account (default: from hangar.yaml)", "NAME");
  options.value("--constraint", given.constraint,
                "engine slurm: features that nodes must have (default: from hangar.yaml)", "FEATURES");
  options.value("--time-limit", given.time_limit,
                "engine slurm: time limit of a job, as sbatch takes it (default: from hangar.yaml)", "TIME");
}

Result<cluster::Site> site_of(const EngineOptions& given) {
  TRY_ASSIGN(cluster::Site site, cluster::load_site());
  TRY(check_uris(given.connect));
  if (given.engine) {
    const auto engine = from_word<cluster::Engine>(*given.engine);
    const auto known = all_words<cluster::Engine>();
    if (!engine) {
      return user_error(fmt::format("--engine: invalid value `{}` (expected {}){}", *given.engine,
                                    join(known, ", "), did_you_mean(*given.engine, known)));
    }
    site.engine = *engine;
  }
  if (!given.connect.empty()) site.connect = given.connect;
  if (site.engine == cluster::Engine::slurm) {
    if (!given.connect.empty()) return user_error("--connect and --engine slurm are mutually exclusive");
    site.connect.clear();
  }
  if (given.shared) {
    TRY_ASSIGN(site.shared, fs::absolute(*given.shared));
  }
  TRY(take_word("--partition", given.partition, site.partition));
  TRY(take_word("--account", given.account, site.account));
  TRY(take_word("--constraint", given.constraint, site.constraint));
  TRY(take_word("--time-limit", given.time_limit, site.time_limit));
  const bool slurm_only =
      given.shared || given.partition || given.account || given.constraint || given.time_limit;
  if (slurm_only && site.engine == cluster::Engine::local) {
    return user_error(
        "--shared, --partition, --account, --constraint and --time-limit require --engine slurm");
  }
  return site;
}

std::unique_ptr<run::Executor> executor_for(const cluster::Site& site) {
  if (site.engine == cluster::Engine::local) return std::make_unique<experiment::LocalExecutor>(site.connect);
  return std::make_unique<cluster::SlurmExecutor>(site, HANGAR_VERSION);
}

}  // namespace hangar::cli
