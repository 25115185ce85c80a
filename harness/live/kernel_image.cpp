// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/kernel_image.h"

namespace hangar::live {

KernelImage load_kernel_image(const fs::path& vmlinux) {
  KernelImage image;
  auto opened = symbols::Symbolizer::open(vmlinux);
  if (!opened) {
    image.no_symbols = image.no_events = opened.error().message;
    return image;
  }
  image.symbols = std::move(*opened);
  image.has_lockdep = !image.symbols->find({"lock_acquire"}).empty();
  if (auto events = find_vm_events(*image.symbols)) {
    image.events = std::move(*events);
  } else {
    image.no_events = vmlinux.string() + " " + events.error().message;
  }
  return image;
}

}  // namespace hangar::live
