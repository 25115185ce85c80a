// SPDX-License-Identifier: GPL-2.0-only
// The agent's ring and the reading of its commands (images/guest/agent.c), as they are compiled for the
// guest, with this file in the place of the rest of init.
#include <csignal>
#include <cstdarg>
#include <ctime>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/text.h"

extern "C" {
#include "images/guest/guest.h"

struct hangar_page* page;
struct ring* ring;
int console_fd = -1;
void sleep_ms(unsigned ms) {
  const timespec time = {static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000) * 1'000'000};
  nanosleep(&time, nullptr);
}
void say(const char* /*format*/, ...) {}
void become(const char* /*name*/, int /*fifo_priority*/) {}
void lock_memory(void) {}
void counters_serve(void) {}
void results_serve(void) {}
}

namespace hangar {
namespace {

template <typename T>
T* shared_memory() {
  void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<T*>(memory);
}

class Agent : public testing::Test {
 protected:
  void SetUp() override {
    page = shared_memory<hangar_page>();
    ring = shared_memory<struct ring>();
    ASSERT_NE(page, nullptr);
    ASSERT_NE(ring, nullptr);
  }
  void TearDown() override {
    munmap(page, sizeof(*page));
    munmap(ring, sizeof(*ring));
    port_fd = -1;
  }
  // What lies in the ring, oldest first.
  static std::vector<std::string> waiting() {
    std::vector<std::string> lines;
    for (std::uint64_t at = ring->tail; at < ring->head; ++at) {
      const ring_slot& slot = ring->slots[at % RING_LINES];
      lines.emplace_back(slot.text, slot.bytes);
    }
    return lines;
  }
};

TEST_F(Agent, FullRingDropsWhatComesAndCountsIt) {
  for (int i = 0; i < RING_LINES; ++i) agent_send("%d", i);
  EXPECT_EQ(page->dropped, 0u);
  agent_send("one too many");
  agent_send("two too many");
  EXPECT_EQ(page->dropped, 2u);
  ASSERT_EQ(waiting().size(), static_cast<size_t>(RING_LINES));
  EXPECT_EQ(waiting().front(), "0\n");
  EXPECT_EQ(waiting().back(), "255\n");
  EXPECT_FALSE(agent_drained());
}

TEST_F(Agent, LongLineIsCutAndStillEnds) {
  for (const int bytes : {LINE_BYTES - 3, LINE_BYTES - 2, LINE_BYTES - 1, LINE_BYTES, 4000}) {
    agent_send("%s", std::string(static_cast<size_t>(bytes), 'x').c_str());
    const std::string line = waiting().back();
    EXPECT_EQ(line.back(), '\n') << bytes;
    EXPECT_EQ(line.size(), static_cast<size_t>(std::min(bytes, LINE_BYTES - 2)) + 1) << bytes;
  }
}

// Runs agent_main() in a process of its own and returns what came through the port.
class AgentProcess {
 public:
  AgentProcess() {
    if (pipe(ends_) != 0) return;
    child_ = fork();
    if (child_ == 0) {
      close(ends_[0]);
      port_fd = ends_[1];
      agent_main();
      _exit(1);
    }
    close(ends_[1]);
    reader_ = std::thread([this] {
      char bytes[4096];
      for (ssize_t got = 0; (got = read(ends_[0], bytes, sizeof(bytes))) > 0;)
        text_.append(bytes, static_cast<size_t>(got));
    });
  }
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;
  ~AgentProcess() { (void)end(); }

  std::string end() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
      reader_.join();
      close(ends_[0]);
      child_ = -1;
    }
    return text_;
  }

 private:
  int ends_[2] = {-1, -1};
  pid_t child_ = -1;
  std::thread reader_;
  std::string text_;
};

TEST_F(Agent, LinesOfSeveralWritersArriveWholeAndInOrder) {
  constexpr int writers = 4;
  constexpr int lines_each = 3000;
  AgentProcess agent;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([writer] {
      for (int i = 0; i < lines_each; ++i) {
        agent_send("%d %d %s", writer, i, std::string(static_cast<size_t>(i % 100), 'a' + writer).c_str());
        if (i % 50 == 0) sleep_ms(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  while (!agent_drained()) sleep_ms(5);
  const std::string text = agent.end();
  std::map<int, int> next;
  unsigned arrived = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    int writer = -1;
    int i = -1;
    ASSERT_EQ(std::sscanf(std::string(line).c_str(), "%d %d", &writer, &i), 2) << line;
    ASSERT_TRUE(writer >= 0 && writer < writers) << line;
    EXPECT_GE(i, next[writer]) << line;
    EXPECT_TRUE(line.ends_with(std::string(static_cast<size_t>(i % 100), 'a' + writer))) << line;
    next[writer] = i + 1;
    ++arrived;
  }
  EXPECT_EQ(arrived + page->dropped, static_cast<unsigned>(writers * lines_each));
  EXPECT_GT(arrived, 0u);
}

class AgentCommands : public Agent {
 protected:
  void SetUp() override {
    Agent::SetUp();
    int ends[2] = {-1, -1};
    ASSERT_EQ(pipe2(ends, O_NONBLOCK), 0);
    reader_ = Fd(ends[0]);
    writer_ = Fd(ends[1]);
    port_fd = ends[0];
  }
  void send(const std::string& bytes) const {
    ASSERT_EQ(write(writer_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  // The commands that init would obey, each cut to `limit` bytes with its zero.
  static std::vector<std::string> read_all(unsigned limit = 2048) {
    std::vector<std::string> commands;
    for (int tries = 0; tries < 20; ++tries) {
      std::string line(limit, '?');
      if (agent_read_line(line.data(), limit)) commands.emplace_back(line.c_str());
    }
    return commands;
  }
  Fd reader_;
  Fd writer_;
};

TEST_F(AgentCommands, ComeWholeInWhateverPieces) {
  const std::string all = "start\t1\t2\tx\ndetectors\t1\t2\t3\t4\n";
  for (size_t cut = 1; cut < all.size(); ++cut) {
    send(all.substr(0, cut));
    auto commands = read_all();
    send(all.substr(cut));
    for (auto& command : read_all()) commands.push_back(std::move(command));
    EXPECT_THAT(commands, testing::ElementsAre("start\t1\t2\tx", "detectors\t1\t2\t3\t4")) << cut;
  }
}

TEST_F(AgentCommands, LongerThanInitTakesIsCut) {
  send(std::string(100, 'y') + "\nquit\n");
  EXPECT_THAT(read_all(20), testing::ElementsAre(std::string(19, 'y'), "quit"));
}

TEST_F(AgentCommands, WithoutAnEndIsDroppedAndSaid) {
  send(std::string(4096, 'z'));
  EXPECT_THAT(read_all(), testing::IsEmpty());
  ASSERT_EQ(waiting().size(), 1u);
  EXPECT_THAT(waiting().front(), testing::HasSubstr("a command longer than 4096 bytes was dropped"));
  send("\nquit\n");
  EXPECT_THAT(read_all(), testing::ElementsAre("", "quit")) << "the next command is read again";
}

TEST_F(AgentCommands, WithoutAPortAreNone) {
  port_fd = -1;
  std::string line(64, '?');
  EXPECT_FALSE(agent_read_line(line.data(), 64));
}

}  // namespace
}  // namespace hangar
