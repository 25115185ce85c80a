// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/input/decoder.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

namespace hangar::log {
namespace {

constexpr std::size_t input_bytes = 1 << 18;

class Plain : public ByteSource::Decoder {
 public:
  explicit Plain(RawInput input) : input_(std::move(input)) {}
  bool starts_over() override { return input_.starts_over(); }

 private:
  Result<std::size_t> decode(char* buffer, std::size_t size) override { return input_.read(buffer, size); }
  RawInput input_;
};

// liblzma's multi-threaded decoder: .xz written with several blocks decodes on all cores.
class Xz : public ByteSource::Decoder {
 public:
  explicit Xz(RawInput input) : input_(std::move(input)), in_(input_bytes) {}
  ~Xz() override { lzma_end(&stream_); }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

  Result<void> start() {
    lzma_mt options = {};
    options.threads = std::max(1U, std::thread::hardware_concurrency());
    options.flags = LZMA_CONCATENATED;
    options.memlimit_threading = 1ULL << 30;
    options.memlimit_stop = 4ULL << 30;
    if (lzma_stream_decoder_mt(&stream_, &options) != LZMA_OK)
      return infra_error("liblzma would not start a decoder");
    return {};
  }
  Result<std::size_t> decode(char* buffer, std::size_t size) override {
    if (!failure_.empty()) return damaged(input_.name(), std::exchange(failure_, {}));
    stream_.next_out = reinterpret_cast<std::uint8_t*>(buffer);
    stream_.avail_out = size;
    while (stream_.avail_out == size && !done_) {
      if (stream_.avail_in == 0 && !eof_) {
        TRY_ASSIGN(const std::size_t n, input_.read(in_.data(), in_.size()));
        eof_ = n == 0;
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(in_.data());
        stream_.avail_in = n;
      }
      const lzma_ret ret = lzma_code(&stream_, eof_ ? LZMA_FINISH : LZMA_RUN);
      if (ret == LZMA_STREAM_END) {
        done_ = true;
      } else if (ret != LZMA_OK) {
        return failed(ret, size);
      }
    }
    return size - stream_.avail_out;
  }

 private:
  // What was decoded before the damage goes out first.
  Result<std::size_t> failed(lzma_ret ret, std::size_t size) {
    done_ = true;
    failure_ = ret == LZMA_BUF_ERROR ? "the .xz data ends too early" : "not valid .xz data";
    if (stream_.avail_out < size) return size - stream_.avail_out;
    return damaged(input_.name(), std::exchange(failure_, {}));
  }
  RawInput input_;
  std::vector<char> in_;
  std::string failure_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool eof_ = false;
  bool done_ = false;
};

class Gzip : public ByteSource::Decoder {
 public:
  explicit Gzip(RawInput input) : input_(std::move(input)), in_(input_bytes) {}
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Result<void> start() {
    if (inflateInit2(&stream_, 15 + 32) != Z_OK) return infra_error("zlib would not start a decoder");
    return {};
  }
  Result<std::size_t> decode(char* buffer, std::size_t size) override {
    if (failed_) return damaged(input_.name(), "not valid .gz data");
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size && !done_) {
      if (stream_.avail_in == 0) {
        TRY_ASSIGN(const std::size_t n, input_.read(in_.data(), in_.size()));
        if (n == 0) {
          done_ = true;
          if (!between_) return damaged(input_.name(), "the .gz data ends too early");
          break;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(in_.data());
        stream_.avail_in = static_cast<uInt>(n);
      }
      const int ret = inflate(&stream_, Z_NO_FLUSH);
      between_ = ret == Z_STREAM_END;
      if (between_) {
        inflateReset(&stream_);  // members may follow each other
      } else if (ret != Z_OK && ret != Z_BUF_ERROR) {
        done_ = failed_ = true;
        if (stream_.avail_out == size) {
          failed_ = false;
          return damaged(input_.name(), "not valid .gz data");
        }
      }
    }
    return size - stream_.avail_out;
  }

 private:
  RawInput input_;
  std::vector<char> in_;
  z_stream stream_ = {};
  bool between_ = false;
  bool failed_ = false;  // reported by the next read
  bool done_ = false;
};

class Zstd : public ByteSource::Decoder {
 public:
  explicit Zstd(RawInput input) : input_(std::move(input)), in_(input_bytes), stream_(ZSTD_createDStream()) {}
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Result<std::size_t> decode(char* buffer, std::size_t size) override {
    // One block a call: what a call has decoded is lost if it then finds damage.
    ZSTD_outBuffer out = {buffer, std::min(size, ZSTD_DStreamOutSize()), 0};
    while (out.pos == 0) {
      if (buffered_.pos == buffered_.size) {
        TRY_ASSIGN(const std::size_t n, input_.read(in_.data(), in_.size()));
        if (n == 0 && hint_ != 0 && !ended_) {
          ended_ = true;
          return damaged(input_.name(), "the .zst data ends too early");
        }
        if (n == 0) return std::size_t{0};
        buffered_ = {in_.data(), n, 0};
      }
      hint_ = ZSTD_decompressStream(stream_, &out, &buffered_);
      if (ZSTD_isError(hint_) != 0) {
        buffered_.pos = buffered_.size;
        return damaged(input_.name(), "not valid .zst data");
      }
    }
    return out.pos;
  }

 private:
  RawInput input_;
  std::vector<char> in_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer buffered_ = {nullptr, 0, 0};
  std::size_t hint_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<std::size_t> ByteSource::Decoder::read(char* buffer, std::size_t size) {
  auto got = decode(buffer, size);
  if (got) decoded_ += *got;
  return got;
}

Error ByteSource::Decoder::damaged(const std::string& name, const std::string& what) const {
  const std::string used =
      decoded_ == 0 ? "" : fmt::format("; the first {} bytes of the log were read", decoded_);
  return user_error(fmt::format("{} is damaged: {}{}", name, what, used));
}

Result<std::unique_ptr<ByteSource::Decoder>> make_decoder(Compression compression, RawInput input) {
  std::unique_ptr<ByteSource::Decoder> out;
  if (compression == Compression::xz) {
    auto xz = std::make_unique<Xz>(std::move(input));
    TRY(xz->start());
    out = std::move(xz);
  } else if (compression == Compression::gzip) {
    auto gzip = std::make_unique<Gzip>(std::move(input));
    TRY(gzip->start());
    out = std::move(gzip);
  } else if (compression == Compression::zstd) {
    out = std::make_unique<Zstd>(std::move(input));
  } else {
    out = std::make_unique<Plain>(std::move(input));
  }
  return out;
}

}  // namespace hangar::log
