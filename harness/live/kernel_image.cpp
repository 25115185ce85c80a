// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/kernel_image.h"

namespace hangar::live {

KernelImage load_kernel_image(const fs::path& vmlinux) {
  KernelImage image;
  if (auto symbols = KernelSymbols::load(vmlinux)) {
    image.symbols = std::move(*symbols);
  } else {
    image.no_symbols = symbols.error().message;
  }
  if (auto events = read_vm_events(vmlinux)) {
    image.events = std::move(*events);
  } else {
    image.no_events = events.error().message;
  }
  return image;
}

}  // namespace hangar::live
