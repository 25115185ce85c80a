// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/nightly/state.h"

// The state of a nightly job on the disk: STATE/nightly/NAME/{history.jsonl,night.json,findings.json}. Each
// file is replaced as a whole and is on the disk when a call returns: after a crash, or a power cut, it is
// there as it was before the call or after it.
namespace hangar::nightly {

// An empty state if nothing is stored in STATE/nightly/NAME. A file that is damaged is an error: with a part
// of the history, findings would be reported twice. A night that another process runs does not disturb it.
[[nodiscard]] Result<State> load_state(const fs::path& state, const std::string& name);

class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual Result<void> save_night(const Night& night) = 0;
  [[nodiscard]] virtual Result<void> save_findings(const std::vector<Finding>& findings) = 0;
  [[nodiscard]] virtual Result<void> save_history(const std::vector<Night>& history) = 0;
};

class FolderStore : public Store {
 public:
  // Creates the folder and locks it: a user error that names the process if another one has it.
  [[nodiscard]] static Result<FolderStore> open(const fs::path& state, const std::string& name);

  [[nodiscard]] Result<State> load() const;  // as load_state()
  [[nodiscard]] Result<void> save_night(const Night& night) override;
  [[nodiscard]] Result<void> save_findings(const std::vector<Finding>& findings) override;
  [[nodiscard]] Result<void> save_history(const std::vector<Night>& history) override;

  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  FolderStore(fs::path folder, FileLock lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  fs::path folder_;
  FileLock lock_;
};

}  // namespace hangar::nightly
