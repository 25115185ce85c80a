// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/kernel_image.h"

namespace hangar::experiment {

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

}  // namespace hangar::experiment
