// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>

// libvirt's handles, declared so that our headers need not include libvirt's, and their owners.
extern "C" {
typedef struct _virConnect virConnect;          // NOLINT: libvirt's names
typedef struct _virDomain virDomain;            // NOLINT
typedef struct _virStream virStream;            // NOLINT
typedef struct _virStoragePool virStoragePool;  // NOLINT
typedef struct _virStorageVol virStorageVol;    // NOLINT
}

namespace hangar::vm {

struct DomainFree {
  void operator()(virDomain* domain) const;
};
using DomainHandle = std::unique_ptr<virDomain, DomainFree>;

struct StreamFree {
  void operator()(virStream* stream) const;
};
using StreamHandle = std::unique_ptr<virStream, StreamFree>;

struct PoolFree {
  void operator()(virStoragePool* pool) const;
};
using PoolHandle = std::unique_ptr<virStoragePool, PoolFree>;

struct VolumeFree {
  void operator()(virStorageVol* volume) const;
};
using VolumeHandle = std::unique_ptr<virStorageVol, VolumeFree>;

// What libvirt has handed out as malloc'ed text, which is freed; "" for none.
[[nodiscard]] std::string take_text(char* text);

}  // namespace hangar::vm
