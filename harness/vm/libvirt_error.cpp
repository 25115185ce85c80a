// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/libvirt_error.h"

#include <libvirt/virterror.h>

namespace hangar::vm {

Error libvirt_error(const std::string& doing) {
  const virError* last = virGetLastError();
  const std::string text =
      last != nullptr && last->message != nullptr ? last->message : "libvirt gave no reason";
  // libvirt appends a tool's output after the first line: that is detail.
  const size_t newline = text.find('\n');
  if (newline == std::string::npos) return infra_error(doing + ": " + text);
  return infra_error(doing + ": " + text.substr(0, newline), text.substr(newline + 1));
}

void silence_libvirt() {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
}

}  // namespace hangar::vm
