// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace hangar::vm {

// What libvirt calls when it gives up the `opaque` of a callback, which was made with new.
template <typename T>
void delete_opaque(void* opaque) {
  delete static_cast<T*>(opaque);
}

}  // namespace hangar::vm
