// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/stream_pump.h"

#include <array>
#include <cerrno>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <unistd.h>

#include "harness/vm/libvirt_error.h"
#include "harness/vm/opaque.h"

namespace hangar::vm {

using Clock = std::chrono::steady_clock;

namespace {

constexpr int pipe_bytes = 1 << 20;  // above a user's limit it keeps its 64 KiB
constexpr int would_block = -2;      // of virStreamSend and virStreamRecv
constexpr int ends = VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP;

}  // namespace

// Callbacks run in the event loop, the destructor of the pump in another thread. libvirt is not called with
// the mutex held where it may call back.
struct StreamPump::Shared {
  StreamHandle stream;
  std::mutex mutex;
  Fd write;
  int watch = -1;       // libvirt's, of `write`
  std::string pending;  // read, but the pipe is full
  bool full = false;    // what is pending waits for room in the pipe
  bool over = false;

  void read_stream();
  void flush();
  void end();
};

namespace {

using Holder = std::shared_ptr<StreamPump::Shared>;

void on_stream(virStreamPtr /*stream*/, int /*events*/, void* opaque) {
  const Holder shared = *static_cast<Holder*>(opaque);
  const std::lock_guard lock(shared->mutex);
  if (!shared->over) shared->read_stream();
}

void on_room(int /*watch*/, int /*fd*/, int /*events*/, void* opaque) {
  const Holder shared = *static_cast<Holder*>(opaque);
  const std::lock_guard lock(shared->mutex);
  if (!shared->over) shared->flush();
}

}  // namespace

// An event of an error or a hangup comes with the last bytes: the stream is read to its end in any case.
void StreamPump::Shared::read_stream() {
  std::array<char, 65536> buffer;
  while (pending.empty() && !over) {
    const int got = virStreamRecv(stream.get(), buffer.data(), buffer.size());
    if (got == would_block) return;
    if (got <= 0) return end();
    pending.assign(buffer.data(), static_cast<size_t>(got));
    flush();
  }
}

void StreamPump::Shared::flush() {
  while (!pending.empty()) {
    const ssize_t written = ::write(write.get(), pending.data(), pending.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno != EAGAIN) return end();
    if (written < 0) break;
    pending.erase(0, static_cast<size_t>(written));
  }
  if (full == !pending.empty()) return;
  full = !full;
  virEventUpdateHandle(watch, full ? VIR_EVENT_HANDLE_WRITABLE : 0);
  virStreamEventUpdateCallback(stream.get(), full ? 0 : VIR_STREAM_EVENT_READABLE | ends);
}

void StreamPump::Shared::end() {
  over = true;
  virStreamEventRemoveCallback(stream.get());
  virEventRemoveHandle(watch);
  write.reset();
}

Result<std::unique_ptr<StreamPump>> StreamPump::begin(virConnect* connection, const Open& open,
                                                      const std::string& doing) {
  auto shared = std::make_shared<Shared>();
  shared->stream.reset(virStreamNew(connection, VIR_STREAM_NONBLOCK));
  if (!shared->stream || open(shared->stream.get()) < 0) return libvirt_error(doing);
  int ends_of_pipe[2];
  if (::pipe2(ends_of_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return errno_error("making a pipe");
  Fd read(ends_of_pipe[0]);
  shared->write.reset(ends_of_pipe[1]);
  (void)::fcntl(read.get(), F_SETPIPE_SZ, pipe_bytes);
  auto holder = std::make_unique<Holder>(shared);
  shared->watch = virEventAddHandle(shared->write.get(), 0, on_room, holder.get(), delete_opaque<Holder>);
  if (shared->watch < 0) return libvirt_error(doing);
  (void)holder.release();  // libvirt's now
  std::unique_ptr<StreamPump> pump(new StreamPump(shared, std::move(read)));
  holder = std::make_unique<Holder>(shared);
  if (virStreamEventAddCallback(shared->stream.get(), VIR_STREAM_EVENT_READABLE | ends, on_stream,
                                holder.get(), delete_opaque<Holder>) < 0)
    return libvirt_error(doing);
  (void)holder.release();
  return pump;
}

StreamPump::~StreamPump() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->over) shared_->end();
  }
  virStreamAbort(shared_->stream.get());
}

// The stream has no way to wait for room.
Result<void> StreamPump::send(std::string_view bytes, std::chrono::milliseconds deadline) {
  const auto until = Clock::now() + deadline;
  while (!bytes.empty()) {
    const int sent = virStreamSend(shared_->stream.get(), bytes.data(), bytes.size());
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (sent != would_block) {
      return libvirt_error("sending to the guest");
    } else if (Clock::now() > until) {
      return infra_error("the guest does not read what is sent to it");
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // polling the stream
    }
  }
  return {};
}

}  // namespace hangar::vm
