// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/remote_files.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pugixml.hpp>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/vm/libvirt_error.h"
#include "harness/vm/volume_upload.h"

namespace hangar::vm {
namespace {

constexpr auto pool_name = "hangar";
constexpr std::string_view complete = ".ok";
constexpr std::string_view of_a_run = "run-";
constexpr double upload_days = 7;
constexpr double run_days = 1;
constexpr double day_s = 86400;

std::string random_digits() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

void add_text(pugi::xml_node parent, const char* name, const std::string& text) {
  parent.append_child(name).text().set(text.c_str());
}

// Below a folder that only root can write to, or with a name that another user cannot guess. QEMU's user must
// be able to search it.
std::string pool_xml(bool privileged) {
  pugi::xml_document document;
  auto pool = document.append_child("pool");
  pool.append_attribute("type").set_value("dir");
  add_text(pool, "name", pool_name);
  auto target = pool.append_child("target");
  add_text(target, "path", privileged ? "/var/lib/libvirt/hangar" : "/var/tmp/hangar-" + random_digits());
  add_text(target.append_child("permissions"), "mode", privileged ? "0711" : "0700");
  return text_of(document);
}

pugi::xml_node add_volume(pugi::xml_document& document, const std::string& name, std::uint64_t bytes,
                          const char* format) {
  auto volume = document.append_child("volume");
  add_text(volume, "name", name);
  add_text(volume, "capacity", std::to_string(bytes));
  add_text(volume, "allocation", "0");
  auto target = volume.append_child("target");
  target.append_child("format").append_attribute("type").set_value(format);
  // Two guests may use a kernel while libvirt changes its owner for one of them.
  add_text(target.append_child("permissions"), "mode", "0644");
  return volume;
}

std::string volume_xml(const std::string& name, std::uint64_t bytes, const char* format = "raw") {
  pugi::xml_document document;
  add_volume(document, name, bytes, format);
  return text_of(document);
}

std::string name_of(const VolumeHandle& volume) {
  const char* name = virStorageVolGetName(volume.get());
  return name == nullptr ? "" : name;
}

Result<std::string> path_of(const VolumeHandle& volume) {
  std::string path = take_text(virStorageVolGetPath(volume.get()));
  if (path.empty()) return libvirt_error("asking for the path of a volume");
  return path;
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// SHA256-DIGITS, or that with `.ok`. Other files of the pool are not ours.
bool is_upload(std::string_view name) {
  constexpr size_t digits = 64;
  return name.find_first_not_of("0123456789abcdef") == digits && name[digits] == '-';
}

// By the clocks of both hosts.
double age_of(const VolumeHandle& volume) {
  pugi::xml_document document;
  document.load_string(take_text(virStorageVolGetXMLDesc(volume.get(), 0)).c_str());
  const double written = document.select_node("/volume/target/timestamps/mtime").node().text().as_double();
  return written > 0 ? now_s() - written : 0;
}

// Of two processes that make it at the same time one gets an error: the other's is there then.
PoolHandle pool_of(const LibvirtConnection& connection) {
  PoolHandle pool(virStoragePoolLookupByName(connection.handle(), pool_name));
  if (pool) return pool;
  pool.reset(virStoragePoolDefineXML(connection.handle(), pool_xml(connection.privileged()).c_str(), 0));
  if (pool) (void)virStoragePoolSetAutostart(pool.get(), 1);
  if (!pool) pool.reset(virStoragePoolLookupByName(connection.handle(), pool_name));
  return pool;
}

void remove_volume(virStoragePool* pool, const std::string& name) {
  const VolumeHandle volume(virStorageVolLookupByName(pool, name.c_str()));
  if (volume) (void)virStorageVolDelete(volume.get(), 0);
}

}  // namespace

// An upload that is not complete after a week was interrupted.
std::vector<std::string> old_volumes(const std::vector<VolumeAge>& volumes) {
  std::vector<std::string> old;
  for (const VolumeAge& volume : volumes) {
    const double days = volume.age_s / day_s;
    const bool run = volume.name.starts_with(of_a_run) && days > run_days;
    if (run || (is_upload(volume.name) && days > upload_days)) old.push_back(volume.name);
  }
  return old;
}

Result<RemoteFiles> RemoteFiles::open(const LibvirtConnection& connection, fs::path lock_folder) {
  PoolHandle pool = pool_of(connection);
  const std::string doing = fmt::format("the storage pool `{}` of {}", pool_name, connection.uri());
  if (!pool) return libvirt_error("making " + doing);
  if (virStoragePoolIsActive(pool.get()) != 1 &&
      virStoragePoolCreate(pool.get(), VIR_STORAGE_POOL_CREATE_WITH_BUILD) < 0 &&
      virStoragePoolIsActive(pool.get()) != 1)
    return libvirt_error("starting " + doing);
  return RemoteFiles(connection, std::move(pool), std::move(lock_folder));
}

Result<std::vector<VolumeHandle>> RemoteFiles::volumes() const {
  virStorageVolPtr* found = nullptr;
  const int count = virStoragePoolListAllVolumes(pool_.get(), &found, 0);
  if (count < 0) return libvirt_error("listing the volumes of " + connection_->uri());
  std::vector<VolumeHandle> all;
  for (int i = 0; i < count; ++i) all.emplace_back(found[i]);
  free(found);  // NOLINT: it is malloc's
  return all;
}

// A volume with no handle if there is none.
Result<VolumeHandle> RemoteFiles::find(const std::string& digest) const {
  TRY_ASSIGN(auto all, volumes());
  std::set<std::string> names;
  for (const VolumeHandle& volume : all) names.insert(name_of(volume));
  for (VolumeHandle& volume : all) {
    const std::string name = name_of(volume);
    const bool fits = name.starts_with(digest) && !name.ends_with(complete);
    if (fits && names.contains(name + std::string(complete))) return std::move(volume);
  }
  return VolumeHandle();
}

Result<VolumeHandle> RemoteFiles::create(const std::string& xml, const std::string& name) const {
  VolumeHandle volume(virStorageVolCreateXML(pool_.get(), xml.c_str(), 0));
  if (!volume) return libvirt_error(fmt::format("making the volume {} at {}", name, connection_->uri()));
  return volume;
}

Result<VolumeHandle> RemoteFiles::upload(const fs::path& file, const std::string& digest) {
  const std::string name = digest + "-" + random_digits();
  TRY_ASSIGN(const std::uint64_t bytes, fs::file_size(file));
  TRY_ASSIGN(VolumeHandle volume, create(volume_xml(name, bytes), name));
  auto uploaded = upload_volume(connection_->handle(), volume.get(), file);
  if (!uploaded) {
    remove_volume(pool_.get(), name);
    return std::move(uploaded).error().within("uploading to " + connection_->uri());
  }
  const std::string mark = name + std::string(complete);
  TRY(create(volume_xml(mark, 0), mark));
  return volume;
}

// The processes of this host upload in turn, so that one of them does it. A pool that is busy is refreshed
// another time.
Result<VolumeHandle> RemoteFiles::ensure(const fs::path& file) {
  TRY_ASSIGN(const std::string digest, sha256_file(file));
  TRY_ASSIGN(VolumeHandle kept, find(digest));
  if (kept) return kept;
  TRY(fs::create_directories(lock_folder_));
  const fs::path lock = lock_folder_ / (sha256(connection_->uri()).substr(0, 16) + ".lock");
  TRY_ASSIGN(const FileLock held, FileLock::acquire(lock));
  (void)virStoragePoolRefresh(pool_.get(), 0);
  TRY_ASSIGN(kept, find(digest));
  if (kept) return kept;
  prune();
  return upload(file, digest);
}

Result<std::string> RemoteFiles::put(const fs::path& file) {
  TRY_ASSIGN(const VolumeHandle volume, ensure(file));
  return path_of(volume);
}

Result<std::string> RemoteFiles::copy(const fs::path& file, const std::string& name) {
  TRY_ASSIGN(const VolumeHandle base, ensure(file));
  TRY_ASSIGN(const std::uint64_t bytes, fs::file_size(file));
  const VolumeHandle made(
      virStorageVolCreateXMLFrom(pool_.get(), volume_xml(name, bytes).c_str(), base.get(), 0));
  if (!made) return libvirt_error(fmt::format("copying the guest's disk at {}", connection_->uri()));
  return path_of(made);
}

Result<std::string> RemoteFiles::overlay(const fs::path& file, const std::string& format,
                                         const std::string& name) {
  TRY_ASSIGN(const std::string base, put(file));
  pugi::xml_document document;
  auto volume = add_volume(document, name, 0, "qcow2");
  volume.remove_child("capacity");  // that of the image
  auto backing = volume.append_child("backingStore");
  add_text(backing, "path", base);
  backing.append_child("format").append_attribute("type").set_value(format.c_str());
  TRY_ASSIGN(const VolumeHandle made, create(text_of(document), name));
  return path_of(made);
}

void RemoteFiles::remove(virConnect* connection, const std::string& name) {
  const PoolHandle pool(virStoragePoolLookupByName(connection, pool_name));
  if (pool) remove_volume(pool.get(), name);
}

// Files in use are not affected: QEMU has read the kernel, and a disk of a run is written to.
void RemoteFiles::prune() const {
  const auto all = volumes();
  if (!all) return;
  std::vector<VolumeAge> ages;
  for (const VolumeHandle& volume : *all) ages.push_back({name_of(volume), age_of(volume)});
  for (const std::string& name : old_volumes(ages)) remove_volume(pool_.get(), name);
}

}  // namespace hangar::vm
