// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "harness/base/fd.h"
#include "harness/base/result.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// Reads one of libvirt's streams in libvirt's event loop and passes its bytes on through a pipe, since
// watchers poll descriptors. The order of bytes is kept; their time of arrival is when this host got them. A
// reader that pauses stops nothing until 1 MiB waits: then the stream is not read until there is room.
class StreamPump {
 public:
  // Connects a stream to a device of a domain.
  using Open = std::function<int(virStream* stream)>;

  // An Error begins with `doing`.
  [[nodiscard]] static Result<std::unique_ptr<StreamPump>> begin(virConnect* connection, const Open& open,
                                                                 const std::string& doing);
  ~StreamPump();
  StreamPump(const StreamPump&) = delete;
  StreamPump& operator=(const StreamPump&) = delete;

  // What came, non-blocking; at its end when the stream is.
  [[nodiscard]] int fd() const { return read_.get(); }
  // Sends everything, waiting at most `deadline` for the other side to take it.
  [[nodiscard]] Result<void> send(std::string_view bytes, std::chrono::milliseconds deadline);

  struct Shared;

 private:
  StreamPump(std::shared_ptr<Shared> shared, Fd read) : shared_(std::move(shared)), read_(std::move(read)) {}
  std::shared_ptr<Shared> shared_;  // with the callbacks, which may outlive us by a moment
  Fd read_;
};

}  // namespace hangar::vm
