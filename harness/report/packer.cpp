// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/packer.h"

#include <openssl/evp.h>
#include <zlib.h>

namespace hangar::report {
namespace {

// Small enough to be decompressed within some milliseconds.
constexpr std::size_t pack_bytes = std::size_t{192} << 10;

std::string deflated(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
            text.size(), Z_BEST_COMPRESSION);  // cannot fail: compressBound() is the room that it needs
  out.resize(size);
  return out;
}

}  // namespace

std::optional<Place> Packer::add(std::string_view text) {
  if (open_.size() + text.size() > pack_bytes) close();
  if (full_) return std::nullopt;
  const Place place{packs_.size(), open_.size(), text.size()};
  open_ += text;
  return place;
}

void Packer::finish() {
  close();
  full_ = true;
}

void Packer::close() {
  if (full_ || open_.empty()) return;
  std::string pack = base64(deflated(open_));
  open_.clear();
  full_ = pack.size() > left_;
  if (full_) return;
  left_ -= pack.size();
  packs_.push_back(std::move(pack));
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock() writes a null byte behind it
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace hangar::report
