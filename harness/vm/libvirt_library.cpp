// SPDX-License-Identifier: GPL-2.0-only
// Every function of libvirt that harness/vm calls is defined here once more and hands on to the loaded
// library, so that callers are written as libvirt's documentation has it.
#include "harness/vm/libvirt_library.h"

#include <cstdlib>
#include <string>

#include <dlfcn.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

namespace hangar::vm {
namespace {

struct Libraries {
  void* libvirt = ::dlopen("libvirt.so.0", RTLD_NOW | RTLD_GLOBAL);
  void* qemu = libvirt == nullptr ? nullptr : ::dlopen("libvirt-qemu.so.0", RTLD_NOW | RTLD_GLOBAL);
  std::string error = qemu == nullptr ? ::dlerror() : "";
};

const Libraries& libraries() {
  static const Libraries loaded;  // never unloaded: libvirt has threads
  return loaded;
}

template <typename F>
F* found(const char* name) {
  void* symbol = ::dlsym(libraries().qemu, name);  // which depends on libvirt.so.0, so both are searched
  if (symbol == nullptr) std::abort();             // load_libvirt() was not asked, or its answer not heard
  return reinterpret_cast<F*>(symbol);
}

}  // namespace

Result<void> load_libvirt() {
  if (libraries().qemu != nullptr) return {};
  Error error = infra_error("libvirt cannot be loaded (" + libraries().error +
                            "): install the Debian packages libvirt0 and libvirt-daemon-driver-qemu");
  return error;
}

}  // namespace hangar::vm

#define HAND_ON(result, function, parameters, arguments)                        \
  result function parameters {                                                  \
    static auto* const real = hangar::vm::found<decltype(function)>(#function); \
    return real arguments;                                                      \
  }

extern "C" {

HAND_ON(virConnectPtr, virConnectOpen, (const char* name), (name))
HAND_ON(int, virConnectClose, (virConnectPtr conn), (conn))
HAND_ON(int, virConnectGetVersion, (virConnectPtr conn, unsigned long* version), (conn, version))
HAND_ON(int, virConnectGetLibVersion, (virConnectPtr conn, unsigned long* version), (conn, version))
HAND_ON(char*, virConnectGetCapabilities, (virConnectPtr conn), (conn))
HAND_ON(int, virConnectDomainEventRegisterAny,
        (virConnectPtr conn, virDomainPtr domain, int event, virConnectDomainEventGenericCallback call,
         void* opaque, virFreeCallback release),
        (conn, domain, event, call, opaque, release))
HAND_ON(int, virConnectDomainEventDeregisterAny, (virConnectPtr conn, int id), (conn, id))
HAND_ON(int, virConnectDomainQemuMonitorEventRegister,
        (virConnectPtr conn, virDomainPtr domain, const char* event,
         virConnectDomainQemuMonitorEventCallback call, void* opaque, virFreeCallback release,
         unsigned flags),
        (conn, domain, event, call, opaque, release, flags))
HAND_ON(int, virConnectDomainQemuMonitorEventDeregister, (virConnectPtr conn, int id), (conn, id))
HAND_ON(virDomainPtr, virDomainCreateXML, (virConnectPtr conn, const char* xml, unsigned flags),
        (conn, xml, flags))
HAND_ON(virDomainPtr, virDomainLookupByUUIDString, (virConnectPtr conn, const char* uuid), (conn, uuid))
HAND_ON(int, virDomainFree, (virDomainPtr domain), (domain))
HAND_ON(int, virDomainDestroy, (virDomainPtr domain), (domain))
HAND_ON(int, virDomainResume, (virDomainPtr domain), (domain))
HAND_ON(int, virDomainSuspend, (virDomainPtr domain), (domain))
HAND_ON(int, virDomainInjectNMI, (virDomainPtr domain, unsigned flags), (domain, flags))
HAND_ON(int, virDomainGetState, (virDomainPtr domain, int* state, int* reason, unsigned flags),
        (domain, state, reason, flags))
HAND_ON(int, virDomainGetUUIDString, (virDomainPtr domain, char* text), (domain, text))
HAND_ON(int, virDomainMemoryPeek,
        (virDomainPtr domain, unsigned long long start, size_t size, void* buffer, unsigned flags),
        (domain, start, size, buffer, flags))
HAND_ON(char*, virDomainGetXMLDesc, (virDomainPtr domain, unsigned flags), (domain, flags))
HAND_ON(int, virDomainSaveFlags, (virDomainPtr domain, const char* to, const char* xml, unsigned flags),
        (domain, to, xml, flags))
HAND_ON(int, virDomainRestoreFlags, (virConnectPtr conn, const char* from, const char* xml, unsigned flags),
        (conn, from, xml, flags))
HAND_ON(int, virDomainCoreDumpWithFormat,
        (virDomainPtr domain, const char* to, unsigned format, unsigned flags), (domain, to, format, flags))
HAND_ON(int, virDomainQemuMonitorCommand,
        (virDomainPtr domain, const char* command, char** result, unsigned flags),
        (domain, command, result, flags))
HAND_ON(const char*, virDomainGetName, (virDomainPtr domain), (domain))
HAND_ON(int, virNodeGetCPUStats,
        (virConnectPtr conn, int cpu, virNodeCPUStatsPtr stats, int* count, unsigned flags),
        (conn, cpu, stats, count, flags))
HAND_ON(int, virNodeGetInfo, (virConnectPtr conn, virNodeInfoPtr info), (conn, info))
HAND_ON(int, virNodeGetMemoryStats,
        (virConnectPtr conn, int cell, virNodeMemoryStatsPtr stats, int* count, unsigned flags),
        (conn, cell, stats, count, flags))
HAND_ON(unsigned long long, virNodeGetFreeMemory, (virConnectPtr conn), (conn))
HAND_ON(int, virConnectGetAllDomainStats,
        (virConnectPtr conn, unsigned stats, virDomainStatsRecordPtr** records, unsigned flags),
        (conn, stats, records, flags))
HAND_ON(void, virDomainStatsRecordListFree, (virDomainStatsRecordPtr * records), (records))
HAND_ON(int, virTypedParamsGetULLong,
        (virTypedParameterPtr params, int count, const char* name, unsigned long long* value),
        (params, count, name, value))
HAND_ON(int, virConnectSetKeepAlive, (virConnectPtr conn, int interval, unsigned count),
        (conn, interval, count))
HAND_ON(int, virConnectRegisterCloseCallback,
        (virConnectPtr conn, virConnectCloseFunc call, void* opaque, virFreeCallback release),
        (conn, call, opaque, release))
HAND_ON(int, virConnectUnregisterCloseCallback, (virConnectPtr conn, virConnectCloseFunc call), (conn, call))
HAND_ON(int, virDomainOpenConsole,
        (virDomainPtr domain, const char* device, virStreamPtr stream, unsigned flags),
        (domain, device, stream, flags))
HAND_ON(int, virDomainOpenChannel,
        (virDomainPtr domain, const char* name, virStreamPtr stream, unsigned flags),
        (domain, name, stream, flags))
HAND_ON(virStreamPtr, virStreamNew, (virConnectPtr conn, unsigned flags), (conn, flags))
HAND_ON(int, virStreamFree, (virStreamPtr stream), (stream))
HAND_ON(int, virStreamAbort, (virStreamPtr stream), (stream))
HAND_ON(int, virStreamFinish, (virStreamPtr stream), (stream))
HAND_ON(int, virStreamSend, (virStreamPtr stream, const char* bytes, size_t size), (stream, bytes, size))
HAND_ON(int, virStreamSendHole, (virStreamPtr stream, long long size, unsigned flags), (stream, size, flags))
HAND_ON(int, virStreamRecv, (virStreamPtr stream, char* bytes, size_t size), (stream, bytes, size))
HAND_ON(int, virStreamEventAddCallback,
        (virStreamPtr stream, int events, virStreamEventCallback call, void* opaque, virFreeCallback release),
        (stream, events, call, opaque, release))
HAND_ON(int, virStreamEventUpdateCallback, (virStreamPtr stream, int events), (stream, events))
HAND_ON(int, virStreamEventRemoveCallback, (virStreamPtr stream), (stream))
HAND_ON(virStoragePoolPtr, virStoragePoolLookupByName, (virConnectPtr conn, const char* name), (conn, name))
HAND_ON(virStoragePoolPtr, virStoragePoolDefineXML, (virConnectPtr conn, const char* xml, unsigned flags),
        (conn, xml, flags))
HAND_ON(int, virStoragePoolIsActive, (virStoragePoolPtr pool), (pool))
HAND_ON(int, virStoragePoolCreate, (virStoragePoolPtr pool, unsigned flags), (pool, flags))
HAND_ON(int, virStoragePoolSetAutostart, (virStoragePoolPtr pool, int on), (pool, on))
HAND_ON(int, virStoragePoolRefresh, (virStoragePoolPtr pool, unsigned flags), (pool, flags))
HAND_ON(int, virStoragePoolListAllVolumes,
        (virStoragePoolPtr pool, virStorageVolPtr** volumes, unsigned flags), (pool, volumes, flags))
HAND_ON(int, virStoragePoolFree, (virStoragePoolPtr pool), (pool))
HAND_ON(virStorageVolPtr, virStorageVolLookupByName, (virStoragePoolPtr pool, const char* name), (pool, name))
HAND_ON(virStorageVolPtr, virStorageVolCreateXML, (virStoragePoolPtr pool, const char* xml, unsigned flags),
        (pool, xml, flags))
HAND_ON(virStorageVolPtr, virStorageVolCreateXMLFrom,
        (virStoragePoolPtr pool, const char* xml, virStorageVolPtr from, unsigned flags),
        (pool, xml, from, flags))
HAND_ON(int, virStorageVolUpload,
        (virStorageVolPtr volume, virStreamPtr stream, unsigned long long offset, unsigned long long size,
         unsigned flags),
        (volume, stream, offset, size, flags))
HAND_ON(char*, virStorageVolGetPath, (virStorageVolPtr volume), (volume))
HAND_ON(const char*, virStorageVolGetName, (virStorageVolPtr volume), (volume))
HAND_ON(char*, virStorageVolGetXMLDesc, (virStorageVolPtr volume, unsigned flags), (volume, flags))
HAND_ON(int, virStorageVolDelete, (virStorageVolPtr volume, unsigned flags), (volume, flags))
HAND_ON(int, virStorageVolFree, (virStorageVolPtr volume), (volume))
HAND_ON(int, virEventAddHandle,
        (int fd, int events, virEventHandleCallback call, void* opaque, virFreeCallback release),
        (fd, events, call, opaque, release))
HAND_ON(void, virEventUpdateHandle, (int watch, int events), (watch, events))
HAND_ON(int, virEventRemoveHandle, (int watch), (watch))
HAND_ON(int, virEventRegisterDefaultImpl, (void), ())
HAND_ON(int, virEventRunDefaultImpl, (void), ())
HAND_ON(int, virEventAddTimeout,
        (int frequency, virEventTimeoutCallback call, void* opaque, virFreeCallback release),
        (frequency, call, opaque, release))
HAND_ON(void, virEventUpdateTimeout, (int timer, int frequency), (timer, frequency))
HAND_ON(int, virEventRemoveTimeout, (int timer), (timer))
HAND_ON(virErrorPtr, virGetLastError, (void), ())
HAND_ON(int, virGetLastErrorCode, (void), ())
HAND_ON(void, virSetErrorFunc, (void* data, virErrorFunc handler), (data, handler))

}  // extern "C"
