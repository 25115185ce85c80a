// SPDX-License-Identifier: GPL-2.0-only
#include "tests/cluster/private_slurm.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/journal_folder.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "tests/loopback.h"

namespace hangar::cluster_tests {
namespace {

using std::chrono::steady_clock;

void pause_ms(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));  // polling another process
}

Result<void> write_key(const fs::path& file) {
  std::random_device random;
  std::string key;
  for (int i = 0; i < 1024; ++i) key += static_cast<char>(random());
  TRY(write_file(file, key));
  return fs::set_permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

std::string user_name() {
  return ::geteuid() == 0 ? "root" : std::to_string(::geteuid());
}

std::string read_proc(const fs::path& process, const char* file) {
  return read_file(process / file).value_or("");
}

bool has_variable(const fs::path& process, const std::string& wanted) {
  const std::string environ = read_proc(process, "environ");
  const auto variables = split(environ, '\0');
  return std::find(variables.begin(), variables.end(), wanted) != variables.end();
}

pid_t parent_of(pid_t pid) {
  const std::string status = read_proc(fmt::format("/proc/{}", pid), "status");
  const size_t at = status.find("\nPPid:");
  return at == std::string::npos ? 0 : static_cast<pid_t>(std::atoi(status.c_str() + at + 6));
}

}  // namespace

Result<std::unique_ptr<PrivateSlurm>> PrivateSlurm::start(const Shape& shape) {
  for (const char* program : {"munged", "slurmctld", "slurmd", "sbatch"}) {
    const bool there = find_program(program) || fs::exists(fs::path("/usr/sbin") / program);
    if (!there) return infra_error(fmt::format("there is no {}: Slurm is not installed", program));
  }
  TRY_ASSIGN(TempDir folder, TempDir::make("/tmp", "hangar-slurm"));
  ::chmod(folder.path().c_str(), 0755);  // munged wants others to reach its socket
  std::unique_ptr<PrivateSlurm> slurm(new PrivateSlurm(std::move(folder)));
  slurm->nodes_ = shape.nodes;
  TRY(slurm->watch_this_process());
  TRY(slurm->write_settings(shape));
  const fs::path& at = slurm->folder();
  ::setenv("SLURM_CONF", (at / "slurm.conf").c_str(), 1);
  slurm->spawn(
      "munged",
      {"/usr/sbin/munged", "--foreground", "--force", "--socket=" + (at / "munge.socket").string(),
       "--key-file=" + (at / "key").string(), "--log-file=" + (at / "munged.log").string(),
       "--pid-file=" + (at / "munged.pid").string(), "--seed-file=" + (at / "munged.seed").string()});
  slurm->start_controller();
  for (const std::string& node : shape.nodes) slurm->start_node(node);
  TRY(slurm->wait_for_nodes(shape.nodes.size()));
  return slurm;
}

// A child that ends the daemons if this process is killed: it sees the end of a pipe that only this process
// holds open. Called before there are threads.
Result<void> PrivateSlurm::watch_this_process() {
  TRY_ASSIGN(Pipe pipe, make_pipe());
  alive_ = std::move(pipe.write);
  watcher_ = ::fork();
  if (watcher_ != 0) return {};
  ::setpgid(0, 0);
  alive_ = Fd();
  char byte = 0;
  while (::read(pipe.read.get(), &byte, 1) < 0 && errno == EINTR) {
  }
  const std::string pids = read_file(folder() / "pids").value_or("");
  for (const std::string_view line : split(pids, '\n')) {
    const pid_t pid = std::atoi(std::string(line).c_str());
    if (pid > 0) ::kill(pid, SIGKILL);
  }
  kill_rest();
  (void)fs::remove_all(folder());
  ::_exit(0);
}

PrivateSlurm::~PrivateSlurm() {
  ::kill(watcher_, SIGKILL);
  ::waitpid(watcher_, nullptr, 0);
  for (const std::string& node : nodes_) kill_node(node);
  kill_controller();
  kill_daemon("munged");
  kill_rest();
}

// What started meanwhile, and a slurmstepd that has no job any more: all have this Slurm's configuration in
// their environment. This process has it only since it runs, which /proc does not show.
void PrivateSlurm::kill_rest() const {
  const std::string conf = "SLURM_CONF=" + (folder() / "slurm.conf").string();
  for (const auto& entry : fs::list_or_empty("/proc")) {
    const auto pid = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
    if (pid > 0 && pid != ::getpid() && has_variable(entry.path(), conf)) ::kill(pid, SIGKILL);
  }
}

Result<void> PrivateSlurm::write_settings(const Shape& shape) {
  const fs::path& at = folder();
  TRY(write_key(at / "key"));
  TRY_ASSIGN(const auto ports, loopback::free_ports(shape.nodes.size() + 1));
  std::string text = fmt::format(R"(ClusterName=hangar
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={1}
SlurmdUser={1}
AuthType=auth/munge
AuthInfo=socket={0}/munge.socket,cred_expire=5
SlurmctldPort={2}
StateSaveLocation={0}/state
SlurmdSpoolDir={0}/spool-%n
SlurmctldPidFile={0}/slurmctld.pid
SlurmdPidFile={0}/slurmd-%n.pid
SlurmctldLogFile={0}/slurmctld.log
SlurmdLogFile={0}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0,requeue_setup_env_fail
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
SlurmctldTimeout=5
SlurmdTimeout=5
KillWait=3
SlurmdParameters=config_overrides
)",
                                 at.string(), user_name(), ports[0]);
  text += shape.more;
  for (std::size_t i = 0; i < shape.nodes.size(); ++i) {
    text +=
        fmt::format("NodeName={} NodeHostname=localhost NodeAddr=127.0.0.1 Port={} CPUs={} RealMemory={}\n",
                    shape.nodes[i], ports[i + 1], shape.cpus, shape.memory_mib);
    TRY(fs::create_directories(at / ("spool-" + shape.nodes[i])));
  }
  text += fmt::format("PartitionName=main Nodes={} Default=YES MaxTime=INFINITE State=UP\n",
                      join(shape.nodes, ","));
  TRY(fs::create_directories(at / "state"));
  return write_file(at / "slurm.conf", text);
}

Result<void> PrivateSlurm::wait_for_nodes(std::size_t nodes) {
  const auto until = steady_clock::now() + std::chrono::seconds(60);
  while (steady_clock::now() < until) {
    const auto asked = run_process(
        {.argv = {"sinfo", "--noheader", "--Node", "--states=idle"}, .deadline = std::chrono::seconds(30)});
    if (asked && asked->good() && split(trim(asked->output), '\n').size() == nodes &&
        !trim(asked->output).empty())
      return {};
    pause_ms(200);
  }
  return infra_error("Slurm did not start", read_file(folder() / "slurmctld.log").value_or(""));
}

// With a process group, so that a terminal's signals do not reach it.
pid_t PrivateSlurm::spawn(const std::string& name, const std::vector<std::string>& argv) {
  const std::string output = (folder() / (name + ".out")).string();
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execv()
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  daemons_[name] = pid;
  (void)append_line(folder() / "pids", std::to_string(pid));
  return pid;
}

void PrivateSlurm::kill_daemon(const std::string& name) {
  const auto found = daemons_.find(name);
  if (found == daemons_.end()) return;
  ::kill(found->second, SIGKILL);
  ::waitpid(found->second, nullptr, 0);
  daemons_.erase(found);
}

void PrivateSlurm::start_controller() {
  spawn("slurmctld", {"/usr/sbin/slurmctld", "-D", "-f", (folder() / "slurm.conf").string()});
}

void PrivateSlurm::kill_controller() {
  kill_daemon("slurmctld");
}

void PrivateSlurm::start_node(const std::string& node) {
  spawn(node, {"/usr/sbin/slurmd", "-D", "-N", node, "-f", (folder() / "slurm.conf").string()});
}

void PrivateSlurm::lose_contact(const std::string& node) {
  kill_daemon(node);
  give_up(node);
}

int PrivateSlurm::crash_node(const std::string& node) {
  const int tasks = kill_node(node);
  give_up(node);
  return tasks;
}

// What the controller does by itself after SlurmdTimeout and its next ping.
void PrivateSlurm::give_up(const std::string& node) {
  (void)run_process({.argv = {"scontrol", "update", "NodeName=" + node, "State=DOWN", "Reason=test"},
                     .deadline = std::chrono::seconds(30)});
}

std::vector<pid_t> PrivateSlurm::processes_of(const std::string& node, int* tasks) const {
  const std::string conf = "SLURM_CONF=" + (folder() / "slurm.conf").string();
  const std::string name = "SLURMD_NODENAME=" + node;
  std::set<pid_t> managers;
  std::vector<pid_t> jobs;
  for (const auto& entry : fs::list_or_empty("/proc")) {
    const auto pid = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
    if (pid <= 0) continue;
    if (!has_variable(entry.path(), conf) || !has_variable(entry.path(), name)) continue;
    jobs.push_back(pid);
    const pid_t parent = parent_of(pid);
    if (trim(read_proc(fmt::format("/proc/{}", parent), "comm")) == "slurmstepd") managers.insert(parent);
  }
  if (tasks != nullptr) *tasks = static_cast<int>(managers.size());
  std::vector<pid_t> all(managers.begin(), managers.end());
  all.insert(all.end(), jobs.begin(), jobs.end());
  return all;
}

int PrivateSlurm::kill_node(const std::string& node) {
  kill_daemon(node);
  int tasks = 0;
  for (const pid_t pid : processes_of(node, &tasks)) ::kill(pid, SIGKILL);
  // What was forked meanwhile.
  for (auto left = processes_of(node, nullptr); !left.empty(); left = processes_of(node, nullptr)) {
    for (const pid_t pid : left) ::kill(pid, SIGKILL);
    pause_ms(20);
  }
  return tasks;
}

}  // namespace hangar::cluster_tests
