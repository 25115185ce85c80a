// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/vm/remote_uri.h"

namespace hangar::vm {
namespace {

using testing::HasSubstr;

TEST(RemoteUri, ATransportOrAHostIsRemote) {
  for (const char* uri :
       {"qemu+ssh://a/system", "qemu+unix:///system?socket=/s", "qemu+tls://a/system", "qemu://a/system"})
    EXPECT_TRUE(is_remote(uri)) << uri;
  for (const char* uri : {"", "qemu:///system", "qemu:///session", "qemu:///system?socket=/a+b/s"})
    EXPECT_FALSE(is_remote(uri)) << uri;
}

TEST(RemoteUri, NamesTheHostWithItsPortAndWithoutTheUser) {
  EXPECT_EQ(host_of("qemu+ssh://root@build7:2222/system?keyfile=/k"), "build7:2222");
  EXPECT_EQ(host_of("qemu+tls://[::1]/system"), "[::1]");
  EXPECT_EQ(host_of("qemu+unix:///system?mode=direct&socket=/run/s"), "/run/s");
  EXPECT_EQ(host_of("qemu+unix:///session"), "localhost");
}

TEST(RemoteUri, SshAsksForNothing) {
  EXPECT_EQ(without_terminal("qemu+ssh://a/system"), "qemu+ssh://a/system?no_tty=1");
  EXPECT_EQ(without_terminal("qemu+ssh://a/system?keyfile=/k"), "qemu+ssh://a/system?keyfile=/k&no_tty=1");
  for (const char* same : {"qemu+ssh://a/system?no_tty=0", "qemu+tls://a/system", "qemu:///system"})
    EXPECT_EQ(without_terminal(same), same);
}

TEST(RemoteUri, AdviceIsForItsTransport) {
  EXPECT_THAT(connection_advice("qemu+ssh://a/system"), HasSubstr("ssh to a"));
  EXPECT_THAT(connection_advice("qemu+tls://a/system"), HasSubstr("certificates"));
  EXPECT_THAT(connection_advice("qemu+unix:///system"), HasSubstr("virsh -c 'qemu+unix:///system'"));
}

TEST(RemoteUri, OnlyUrisOfQemuAreTaken) {
  for (const char* good : {"qemu+ssh://u@h:22/session?a=b", "qemu:///system", "qemu+unix:///session"})
    EXPECT_TRUE(check_uri(good)) << good;
  for (const char* bad : {"", "host", "xen:///system", "qemu+ssh://h", "qemu+ssh:///system", "qemu:///a b"})
    EXPECT_FALSE(check_uri(bad)) << bad;
}

}  // namespace
}  // namespace hangar::vm
