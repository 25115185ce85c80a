// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <future>
#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/live/deputy.h"
#include "harness/live/kernel_image.h"
#include "harness/live/ladder.h"
#include "harness/vm/machine.h"

// Collects the evidence of a hang before the guest dies: the steps of `on-hang`, and samples of where the
// vCPUs are as soon as a signal fades. Every step goes through a separate thread, so that the guest's
// channels are read meanwhile, and has a deadline; what does not work is recorded, and the next is tried.
namespace hangar::live {

class Escalation {
 public:
  // Called in the caller's thread with an event's name and detail.
  using Tell = std::function<void(const std::string& name, const std::string& detail)>;

  // `vmlinux` gives addresses their names, where it is one; it is loaded in the background from here on, so
  // construct this before the guest starts. Dumps go to `folder`. The machine must be destroyed before this
  // is, since a step may wait for QEMU.
  Escalation(vm::Machine& machine, std::vector<scenario::Rung> rungs, fs::path vmlinux, fs::path folder,
             Tell tell);

  void confirmed(double time_s);
  void cleared() { ladder_.cleared(); }
  // The guest's "sysrq:" line for one of our keys, or for one it does not know.
  void answered() { ladder_.answered(); }
  // Takes what is due. `suspicious`: a signal fades or a hang goes on.
  void tick(double time_s, double console_s, bool suspicious);
  // Pauses the guest for good and reads the kernel's count of OOM kills from its memory. False while an
  // earlier step is under way: call settle() and try again. The event is `counters`, or `counters-failed`.
  bool count_kills(double time_s, int cpus);
  // Takes what a step answered, and begins no other; true when none is under way, or QEMU does not answer it.
  bool settle(double time_s);
  // Whether all has been done; an answer that may still come is waited for.
  [[nodiscard]] bool over(double time_s, double console_s) const {
    return (!task_ || late_) && ladder_.over(time_s, console_s);
  }
  // A step is in progress: a guest that is stopped then was stopped by it.
  [[nodiscard]] bool busy() const { return deputy_.busy(); }

 private:
  struct Task {
    std::string name;    // of the event when it worked; "-failed" is put behind it otherwise
    std::string prefix;  // of the detail
    double deadline_s = 0;
    bool of_ladder = false;
  };
  void look_at_answer(double time_s);
  void failed(const std::string& why);
  void begin(Task task, double time_s, Deputy::Job job);
  void take(const Step& step, double time_s);
  void look_at_symbols();
  void skip(const Step& step, double time_s);
  void act(scenario::Act act, double time_s);
  void end_task(double time_s, bool worked);
  [[nodiscard]] Deputy::Job sampling(int times);

  vm::Machine& machine_;
  std::vector<scenario::Rung> rungs_;
  Ladder ladder_;
  fs::path folder_;
  Tell tell_;
  std::shared_future<KernelImage> image_;
  std::optional<Task> task_;
  bool late_ = false;  // the task missed its deadline and is still there
  double sampled_s_ = -1e9;
  int dumps_ = 0;
  bool confirmed_before_ = false;
  Deputy deputy_;
};

// "CPU 0 at native_safe_halt+0xb, halted; CPU 1 at 0x401000, in user mode". Without symbols (null),
// addresses.
[[nodiscard]] std::string to_text(const std::vector<vm::VcpuSample>& samples,
                                  const symbols::Symbolizer* symbols);

}  // namespace hangar::live
