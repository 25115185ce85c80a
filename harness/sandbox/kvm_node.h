// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace hangar::sandbox {

// As root, in a mount namespace of our own: makes /dev/kvm one that QEMU's user may open, if it may not yet;
// the host's node stays as it is. libvirt needs that even for TCG: it probes QEMU with a capability that
// opens the node all the same, then asks whether the user may, finds that the answers differ, and probes
// again at each question (15 probes, 12 s a start). Uses /proc as a place to mount on: call it before that is
// needed.
void share_kvm_node();

// QEMU's user may open /dev/kvm, or there is none, or QEMU runs as we do: then libvirt probes QEMU only once.
[[nodiscard]] bool kvm_node_is_shared();

}  // namespace hangar::sandbox
