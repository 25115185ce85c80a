// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "harness/base/fd.h"

namespace hangar {

struct Digest::State {
  State() : context(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void update(const void* bytes, size_t size) const { EVP_DigestUpdate(context, bytes, size); }
  [[nodiscard]] std::string hex() const {
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context, raw, &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += "0123456789abcdef"[raw[i] >> 4];
      text += "0123456789abcdef"[raw[i] & 15];
    }
    return text;
  }

  EVP_MD_CTX* context;
};

Digest::Digest() : state_(std::make_unique<State>()) {}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

Digest& Digest::add(std::string_view label, std::string_view bytes) {
  const std::string header = std::string(label) + '\0' + std::to_string(bytes.size()) + '\0';
  state_->update(header.data(), header.size());
  state_->update(bytes.data(), bytes.size());
  return *this;
}

std::string Digest::hex() {
  return state_->hex();
}

std::string sha256(std::string_view bytes) {
  const Digest::State state;
  state.update(bytes.data(), bytes.size());
  return state.hex();
}

Result<std::string> sha256_file(const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("cannot read " + path.string());
  const Digest::State state;
  std::string buffer(1 << 20, '\0');
  ssize_t got = 0;
  while ((got = ::read(fd.get(), buffer.data(), buffer.size())) > 0)
    state.update(buffer.data(), static_cast<size_t>(got));
  if (got < 0) return errno_error("cannot read " + path.string());
  return state.hex();
}

}  // namespace hangar
