// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>

// libvirt's handles, declared so that our headers need not include libvirt's, and their owners.
extern "C" {
typedef struct _virConnect virConnect;  // NOLINT: libvirt's names
typedef struct _virDomain virDomain;    // NOLINT
}

namespace hangar::vm {

struct DomainFree {
  void operator()(virDomain* domain) const;
};
using DomainHandle = std::unique_ptr<virDomain, DomainFree>;

// What libvirt has handed out as malloc'ed text, which is freed; "" for none.
[[nodiscard]] std::string take_text(char* text);

}  // namespace hangar::vm
