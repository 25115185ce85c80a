// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/virt_types.h"

#include <cstdlib>

#include <libvirt/libvirt.h>

namespace hangar::vm {

void DomainFree::operator()(virDomain* domain) const {
  virDomainFree(domain);
}

void StreamFree::operator()(virStream* stream) const {
  virStreamFree(stream);
}

void PoolFree::operator()(virStoragePool* pool) const {
  virStoragePoolFree(pool);
}

void VolumeFree::operator()(virStorageVol* volume) const {
  virStorageVolFree(volume);
}

std::string take_text(char* text) {
  std::string copy = text != nullptr ? text : "";
  free(text);  // NOLINT: it is malloc's
  return copy;
}

}  // namespace hangar::vm
