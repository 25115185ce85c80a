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
