// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/build/lock.h"
#include "harness/kernel/source/apt.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* stanzas =
    "Package: linux-source\nSource: linux\nVersion: 7.2.13-1\nDepends: linux-source-7.2 (= 7.2.13-1), make | "
    "gmake\n"
    "Description: Linux kernel source\n Depends: not a field\nFilename: "
    "pool/main/l/linux/linux-source_7.2.13-1_all.deb\n"
    "SHA256: 96a3\n\nPackage: linux-source\nVersion: 7.1.2-1\n";

TEST(KernelApt, ReadsPackages) {
  const auto packages = parse_packages(stanzas);
  ASSERT_EQ(packages.size(), 2u);
  EXPECT_EQ(packages[0].name, "linux-source");
  EXPECT_EQ(packages[0].version, "7.2.13-1");
  EXPECT_EQ(packages[0].filename, "pool/main/l/linux/linux-source_7.2.13-1_all.deb");
  EXPECT_EQ(packages[0].sha256, "96a3");
  EXPECT_THAT(packages[0].depends, ElementsAre("linux-source-7.2", "make"));
  EXPECT_EQ(packages[1].version, "7.1.2-1");
  EXPECT_TRUE(parse_packages("").empty());
  EXPECT_TRUE(parse_packages("N: Unable to locate package nonsense\nE: No packages found\n").empty());
}

TEST(KernelApt, ReadsNames) {
  EXPECT_THAT(parse_names("linux-source-6.1 - Linux kernel source\nlinux-source - the same\nno name\n"),
              ElementsAre("linux-source", "linux-source-6.1"));
}

TEST(KernelApt, TakesTheMachinesMirrors) {
  const Mirrors mirrors = parse_mirrors(
      "Vendor|Debian|http://other.example/x/\nDebian|Debian|http://mirror.example/debian/\n"
      "Debian|Debian|http://second.example/debian/\n||\n");
  EXPECT_EQ(mirrors.main, "http://mirror.example/debian");
  EXPECT_EQ(mirrors.security, "http://mirror.example/debian-security");
  EXPECT_EQ(parse_mirrors("").main, "");
}

TEST(KernelApt, AsksTheSecurityArchiveWhereThereIsOne) {
  const Mirrors mirrors = {"http://m.example/debian", "http://s.example/sec"};
  const std::string stable = sources_text("bullseye", mirrors, "/k.gpg");
  EXPECT_THAT(stable, HasSubstr("URIs: http://m.example/debian\nSuites: bullseye\n"));
  EXPECT_THAT(stable, HasSubstr("URIs: http://s.example/sec\nSuites: bullseye-security\n"));
  EXPECT_THAT(stable, HasSubstr("Signed-By: /k.gpg\n"));
  EXPECT_THAT(sources_text("sid", mirrors, "/k.gpg"), Not(HasSubstr("security")));
}

struct Failed {
  const char* output;
  Fault fault;
  const char* says;
};

TEST(KernelApt, TellsAMovedSuiteFromAMissingNetwork) {
  // As apt 2.6 prints them.
  const Failed all[] = {
      {"Err:2 http://m.example/debian nosuch Release\n  404  Not Found\n"
       "E: The repository 'http://m.example/debian nosuch Release' does not have a Release file.\n",
       Fault::unavailable, "is not on the mirror"},
      {"Err:1 http://m.example/debian sid InRelease\n  The following signatures couldn't be verified because "
       "the public "
       "key is not available: NO_PUBKEY 6ED0\nE: The repository 'http://m.example/debian sid InRelease' is "
       "not signed.\n",
       Fault::unavailable, "not signed by a known key"},
      {"E: Release file for http://m.example/dists/old/InRelease is expired (invalid since 3d).\n",
       Fault::unavailable, "no longer maintained"},
      {"Err:1 http://m.example/debian sid InRelease\n  Could not resolve 'm.example'\n"
       "E: Failed to fetch http://m.example/debian/dists/sid/InRelease  Could not resolve 'm.example'\n",
       Fault::infra, "network"},
  };
  for (const Failed& failed : all) {
    const Error error = update_failure("nosuch", failed.output);
    EXPECT_EQ(error.fault, failed.fault) << failed.output;
    EXPECT_THAT(error.message, HasSubstr(failed.says));
    EXPECT_THAT(error.message, HasSubstr("nosuch"));
    EXPECT_THAT(error.detail, HasSubstr("E: "));
    EXPECT_EQ(exit_status(error), 3);
  }
}

const DebianPackage locked = {"linux-source-7.2",
                              "7.2.13-1",
                              "pool/main/l/linux/linux-source-7.2_7.2.13-1_all.deb",
                              std::string(64, 'a'),
                              {}};

TEST(KernelLock, ReadsWhatItWrites) {
  const auto read = parse_lock(lock_text(locked, "sid"), "x.lock");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, locked.name);
  EXPECT_EQ(read->version, locked.version);
  EXPECT_EQ(read->filename, locked.filename);
  EXPECT_EQ(read->sha256, locked.sha256);
}

TEST(KernelLock, RefusesWhatWouldLeadElsewhere) {
  DebianPackage bad = locked;
  bad.filename = "pool/../../x.deb";
  EXPECT_THAT(parse_lock(lock_text(bad, "sid"), "x.lock").error().message, HasSubstr("x.lock:5:"));
  bad = locked;
  bad.name = "-o Evil=1";
  EXPECT_FALSE(parse_lock(lock_text(bad, "sid"), "x.lock"));
  bad = locked;
  bad.sha256 = "abc";
  EXPECT_THAT(parse_lock(lock_text(bad, "sid"), "x.lock").error().message,
              HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(parse_lock("package: x\n", "x.lock").error().message, HasSubstr("`version` is missing"));
  EXPECT_THAT(read_lock("/no/such/newest.lock").error().message, HasSubstr("hangar update newest"));
}

}  // namespace
}  // namespace hangar::kernel
