// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/host_facts.h"

#include <string_view>
#include <vector>

#include <libvirt/libvirt.h>
#include <pugixml.hpp>

#include "harness/base/text.h"
#include "harness/vm/libvirt_connection.h"

namespace hangar::vm {
namespace {

std::string cpu_of(const pugi::xml_document& capabilities) {
  const auto text = [&](const char* path) {
    return std::string(capabilities.select_node(path).node().text().get());
  };
  return std::string(
      trim(text("/capabilities/host/cpu/vendor") + " " + text("/capabilities/host/cpu/model")));
}

bool offers_kvm(const pugi::xml_document& capabilities) {
  return static_cast<bool>(capabilities.select_node(
      "/capabilities/guest[os_type='hvm']/arch[@name='x86_64']/domain[@type='kvm']"));
}

// Free, buffers and the page cache: what a new process can take.
std::uint64_t free_bytes(virConnect* connection) {
  int count = 0;
  if (virNodeGetMemoryStats(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, nullptr, &count, 0) < 0)
    return virNodeGetFreeMemory(connection);
  std::vector<virNodeMemoryStats> stats(static_cast<size_t>(count));
  if (virNodeGetMemoryStats(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats.data(), &count, 0) < 0)
    return virNodeGetFreeMemory(connection);
  std::uint64_t kb = 0;
  for (const virNodeMemoryStats& one : stats) {
    if (std::string_view(one.field) != VIR_NODE_MEMORY_STATS_TOTAL) kb += one.value;
  }
  return kb << 10;
}

}  // namespace

std::string cpu_in(const std::string& capabilities) {
  pugi::xml_document document;
  return document.load_string(capabilities.c_str()) ? cpu_of(document) : "";
}

Result<HostFacts> look_at_host(const std::string& uri) {
  TRY_ASSIGN(const auto opened, Connection::open({.uri = uri}));
  const auto& connection = dynamic_cast<const LibvirtConnection&>(*opened);
  HostFacts facts;
  facts.versions = opened->versions();
  pugi::xml_document document;
  if (document.load_string(connection.capabilities().c_str())) {
    facts.cpu = cpu_of(document);
    facts.kvm = offers_kvm(document);
  }
  virNodeInfo info{};
  if (virNodeGetInfo(connection.handle(), &info) == 0) facts.cpus = static_cast<int>(info.cpus);
  facts.free_bytes = free_bytes(connection.handle());
  return facts;
}

}  // namespace hangar::vm
