// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/xz.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"

namespace hangar::store {
namespace {

constexpr std::uint64_t large = 16ull << 20;
constexpr std::uint64_t decoder_memory = 256ull << 20;

struct Stream {
  Stream() = default;
  ~Stream() { lzma_end(&raw); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  lzma_stream raw = LZMA_STREAM_INIT;
};

std::string reason(lzma_ret code) {
  switch (code) {
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
      return "it needs too much memory";
    case LZMA_FORMAT_ERROR:
      return "it is not an xz file";
    case LZMA_DATA_ERROR:
      return "it is damaged";
    case LZMA_BUF_ERROR:
      return "it is truncated";
    default:
      return fmt::format("liblzma's error {}", static_cast<int>(code));
  }
}

// A short console log (the usual case) is compressed well; a flood must not hold its run up.
Result<void> begin_encoder(Stream& stream, std::uint64_t size) {
  lzma_options_lzma options = {};
  if (lzma_lzma_preset(&options, size < large ? 6 : 1) != 0) return infra_error("liblzma has no such preset");
  options.dict_size = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
      size, LZMA_DICT_SIZE_MIN, std::min<std::uint64_t>(options.dict_size, 1 << 20)));
  const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  const lzma_ret code = lzma_stream_encoder(&stream.raw, filters, LZMA_CHECK_CRC64);
  if (code != LZMA_OK) return infra_error("cannot compress: " + reason(code));
  return {};
}

// Feeds `in` through the stream; `sink` takes the results and returns whether it wants more.
template <typename Sink>
Result<void> pump(Stream& stream, int in, const fs::path& name, Sink&& sink) {
  std::array<std::uint8_t, 65536> input;
  std::array<std::uint8_t, 65536> output;
  lzma_action action = LZMA_RUN;
  while (true) {
    if (stream.raw.avail_in == 0 && action == LZMA_RUN) {
      const ssize_t got = ::read(in, input.data(), input.size());
      if (got < 0 && errno != EINTR) return errno_error("cannot read " + name.string());
      if (got < 0) continue;
      if (got == 0) action = LZMA_FINISH;
      stream.raw.next_in = input.data();
      stream.raw.avail_in = static_cast<size_t>(got);
    }
    stream.raw.next_out = output.data();
    stream.raw.avail_out = output.size();
    const lzma_ret code = lzma_code(&stream.raw, action);
    const std::string_view made(reinterpret_cast<const char*>(output.data()),
                                output.size() - stream.raw.avail_out);
    TRY_ASSIGN(const bool more, sink(made));
    if (code == LZMA_STREAM_END || !more) return {};
    if (code != LZMA_OK) return infra_error(fmt::format("cannot read {}: {}", name.string(), reason(code)));
  }
}

}  // namespace

Result<void> compress_xz(const fs::path& from, const fs::path& to) {
  const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info = {};
  if (!in || ::fstat(in.get(), &info) != 0) return errno_error("cannot read " + from.string());
  const Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!out) return errno_error("cannot write " + to.string());
  Stream stream;
  TRY(begin_encoder(stream, static_cast<std::uint64_t>(info.st_size)));
  TRY(pump(stream, in.get(), from, [&](std::string_view bytes) -> Result<bool> {
    auto written = write_all(out.get(), bytes);
    if (!written) return std::move(written).error().within("writing " + to.string());
    return true;
  }));
  if (::fsync(out.get()) != 0) return errno_error("cannot write " + to.string());
  return {};
}

Result<std::string> read_xz(const fs::path& file, std::uint64_t limit) {
  const Fd in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in) return errno_error("cannot read " + file.string());
  Stream stream;
  if (lzma_stream_decoder(&stream.raw, decoder_memory, LZMA_CONCATENATED) != LZMA_OK)
    return infra_error("liblzma cannot be started");
  std::string text;
  TRY(pump(stream, in.get(), file, [&](std::string_view bytes) -> Result<bool> {
    text.append(bytes.substr(0, limit - text.size()));
    return text.size() < limit;
  }));
  return text;
}

}  // namespace hangar::store
