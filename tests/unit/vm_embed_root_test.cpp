// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/vm/embed_root.h"
#include "harness/vm/qemu_log.h"

namespace hangar::vm {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(QemuConf, NeedsNoDaemonAndKeepsTheSandbox) {
  const auto text = qemu_conf(std::nullopt);
  EXPECT_THAT(text, HasSubstr("stdio_handler = \"file\""));
  EXPECT_THAT(text, HasSubstr("seccomp_sandbox = 1"));
  EXPECT_THAT(text, Not(HasSubstr("user =")));
}

TEST(QemuConf, NamesTheUser) {
  const auto text = qemu_conf(sandbox::QemuUser{64055, 107, "libvirt-qemu", "kvm"});
  EXPECT_THAT(text, HasSubstr("user = \"libvirt-qemu\"\ngroup = \"kvm\"\n"));
}

TEST(EmbedRoot, CapabilitiesGoFromOneRootToTheNext) {
  const auto folder = TempDir::make(std::filesystem::temp_directory_path(), "hangar-root-");
  ASSERT_TRUE(folder);
  const fs::path cache = folder->path() / "kept";
  const fs::path first = folder->path() / "first";
  const fs::path second = folder->path() / "second";
  ASSERT_TRUE(prepare_embed_root(first, cache));
  ASSERT_TRUE(write_file(first / "cache/qemu/capabilities/abc.xml", "<qemuCaps/>"));
  keep_capabilities(first, cache);
  ASSERT_TRUE(prepare_embed_root(second, cache));
  const auto seeded = read_file(second / "cache/qemu/capabilities/abc.xml");
  ASSERT_TRUE(seeded);
  EXPECT_EQ(*seeded, "<qemuCaps/>");
  EXPECT_TRUE(fs::exists(second / "etc/qemu.conf"));
}

TEST(QemuWords, WithoutTheCommandLine) {
  constexpr auto log =
      R"(2026-11-23 02:00:00.000+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.22
LC_ALL=C \
/usr/bin/qemu-system-x86_64 \
-name guest=old \
-msg timestamp=on
an old complaint
2026-11-23 02:10:00.000+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.22
LC_ALL=C \
/usr/bin/qemu-system-x86_64 \
-append 'a b' \
-msg timestamp=on
2026-11-23T02:10:00Z qemu-system-x86_64: unable to find CPU model 'potato'
2026-11-23 02:10:01.000+0000: shutting down, reason=failed
)";
  EXPECT_EQ(qemu_words(log), "2026-11-23T02:10:00Z qemu-system-x86_64: unable to find CPU model 'potato'");
}

TEST(QemuWords, OfNothing) {
  EXPECT_EQ(qemu_words(""), "");
}

}  // namespace
}  // namespace hangar::vm
