// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/escalation.h"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "harness/base/barrier.h"
#include "harness/base/text.h"
#include "harness/outcome/censor.h"
#include "harness/outcome/counters.h"
#include "harness/vm/kdump.h"

namespace hangar::live {
namespace {

constexpr double count_deadline_s = 5;
constexpr double sample_every_s = 5;  // while a signal fades or a hang goes on

// Keys that the guest's kernel does not have would print its help only.
std::vector<scenario::Rung> without_locks(std::vector<scenario::Rung> rungs) {
  for (auto& rung : rungs) std::erase(rung.keys, 'd');
  return rungs;
}

}  // namespace

std::string to_text(const std::vector<vm::VcpuSample>& samples, const symbols::Symbolizer* symbols) {
  std::vector<std::string> cpus;
  for (const vm::VcpuSample& sample : samples) {
    const bool in_kernel = !sample.user_mode;
    const bool named = in_kernel && symbols != nullptr;
    cpus.push_back(fmt::format("CPU {} at {}{}{}{}", sample.index,
                               named ? symbols->name(sample.rip) : fmt::format("{:#x}", sample.rip),
                               sample.halted ? ", halted" : "", in_kernel ? "" : ", in user mode",
                               sample.interrupts_enabled ? "" : ", interrupts off"));
  }
  return join(cpus, "; ");
}

// In a separate thread: what goes wrong there is a reason for having no symbols.
static KernelImage load_or_explain(const fs::path& vmlinux) {
  auto image = barrier([&] { return load_kernel_image(vmlinux); });
  if (image) return std::move(*image);
  KernelImage none;
  none.no_symbols = none.no_events = image.error().message;
  return none;
}

Escalation::Escalation(vm::Machine& machine, std::vector<scenario::Rung> rungs, fs::path vmlinux,
                       fs::path folder, Tell tell)
    : machine_(machine),
      rungs_(std::move(rungs)),
      ladder_(rungs_),
      folder_(std::move(folder)),
      tell_(std::move(tell)),
      image_(std::async(std::launch::async, load_or_explain, std::move(vmlinux))) {}

void Escalation::confirmed(double time_s) {
  if (ladder_.climbing()) return;
  if (!confirmed_before_) look_at_symbols();
  confirmed_before_ = true;
  ladder_.confirmed(time_s);
}

// Not waited for: the guest's ports must be read meanwhile.
void Escalation::look_at_symbols() {
  if (image_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return tell_("no-symbols", "not loaded yet");
  const KernelImage& image = image_.get();
  if (!image.no_symbols.empty()) tell_("no-symbols", image.no_symbols);
  if (!image.has_lockdep) ladder_ = Ladder(without_locks(rungs_));
}

void Escalation::tick(double time_s, double console_s, bool suspicious) {
  look_at_answer(time_s);
  if (task_ && !late_) return;
  if (const auto step = ladder_.due(time_s, console_s)) {
    if (late_) {
      skip(*step, time_s);
    } else {
      take(*step, time_s);
    }
  } else if (!late_ && suspicious && time_s - sampled_s_ >= sample_every_s) {
    begin({"vcpus", "", time_s + act_deadline_s, false}, time_s, sampling(1));
  }
}

void Escalation::end_task(double time_s, bool worked) {
  if (task_->of_ladder && !late_) ladder_.finished(time_s, worked);
}

void Escalation::failed(const std::string& why) {
  tell_(task_->name + "-failed", task_->prefix.empty() ? why : task_->prefix + ": " + why);
}

// A task that is late stays: nothing else can be asked of QEMU until it answers.
void Escalation::look_at_answer(double time_s) {
  if (!task_) return;
  if (const auto answer = deputy_.answer()) {
    if (late_) {
      tell_(task_->name + "-late", *answer ? "completed after the deadline" : answer->error().message);
    } else if (*answer) {
      tell_(task_->name, task_->prefix + **answer);
    } else {
      failed(answer->error().message);
    }
    end_task(time_s, static_cast<bool>(*answer));
    task_.reset();
    late_ = false;
  } else if (!late_ && time_s > task_->deadline_s) {
    failed("QEMU did not answer in time");
    end_task(time_s, false);
    late_ = true;
  }
}

void Escalation::begin(Task task, double time_s, Deputy::Job job) {
  if (task.name == "vcpus") sampled_s_ = time_s;
  task_ = std::move(task);
  deputy_.ask(std::move(job));
}

void Escalation::skip(const Step& step, double time_s) {
  const std::string what =
      step.kind == Step::Kind::act ? to_string(step.act) : fmt::format("sysrq {}", step.key);
  tell_(what + "-failed", "QEMU still does not answer an earlier step");
  if (step.kind != Step::Kind::given_up) ladder_.finished(time_s, false);
}

void Escalation::take(const Step& step, double time_s) {
  if (step.kind == Step::Kind::act) return act(step.act, time_s);
  if (step.kind == Step::Kind::given_up) {
    return tell_(
        "sysrq-failed",
        fmt::format("{}: the guest did not answer twice; the other keys of this step are skipped", step.key));
  }
  if (step.attempt == 2) {
    tell_("sysrq-unanswered",
          fmt::format("{}: no \"sysrq:\" line within {:.0f} s; sent again, since a guest that "
                      "prints misses a break",
                      step.key, Ladder::answer_s));
  }
  if (outcome::changes_guest(step.key)) tell_(outcome::key_begins, std::string(1, step.key));
  begin({"sysrq", std::string(1, step.key), time_s + key_deadline_s, true}, time_s,
        [&machine = machine_, key = step.key]() -> Result<std::string> {
          TRY(machine.send_sysrq(key));
          return std::string();
        });
}

Deputy::Job Escalation::sampling(int times) {
  return [&machine = machine_, image = image_, times]() -> Result<std::string> {
    const auto& names = image.get().symbols;
    std::vector<std::string> texts;
    for (int i = 0; i < times; ++i) {
      if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the time between two samples
      TRY_ASSIGN(const auto samples, machine.sample_vcpus());
      texts.push_back(to_text(samples, names ? &*names : nullptr));
    }
    return join(texts, "\n");
  };
}

bool Escalation::settle(double time_s) {
  look_at_answer(time_s);
  return !task_ || late_;
}

// The guest does not go on: a kill between this and the end of the log would be in one of the two only.
bool Escalation::count_kills(double time_s, int cpus) {
  if (task_ && !late_) return false;
  if (late_) {
    tell_("counters-failed", "QEMU still does not answer an earlier step");
    return true;
  }
  begin({"counters", "", time_s + count_deadline_s, false}, time_s,
        [&machine = machine_, image = image_, cpus]() -> Result<std::string> {
          const KernelImage& kernel = image.get();
          if (!kernel.events) return infra_error(kernel.no_events);
          TRY(machine.pause());
          TRY_ASSIGN(const std::int64_t kills,
                     count_oom_kills(*kernel.events, cpus, [&machine](std::uint64_t physical, size_t bytes) {
                       return machine.peek(physical, bytes);
                     }));
          return outcome::kills_detail(kills, cpus);
        });
  return true;
}

void Escalation::act(scenario::Act act, double time_s) {
  Task task{to_string(act), "", time_s + act_deadline_s, true};
  if (act == scenario::Act::vcpus) return begin(std::move(task), time_s, sampling(3));
  if (act == scenario::Act::nmi) {
    return begin(std::move(task), time_s, [&machine = machine_]() -> Result<std::string> {
      TRY(machine.send_nmi());
      return std::string("sent");
    });
  }
  task.deadline_s = time_s + dump_deadline_s;
  const fs::path file = folder_ / fmt::format("guest{}.kdump", ++dumps_ == 1 ? "" : std::to_string(dumps_));
  begin(std::move(task), time_s, [&machine = machine_, file]() -> Result<std::string> {
    TRY(machine.dump(file));
    if (!vm::is_kdump(file)) return infra_error(file.string() + " is not a kdump file");
    TRY_ASSIGN(const std::uint64_t size, fs::file_size(file));
    return fmt::format("{}, {} MiB", file.filename().string(), size >> 20);
  });
}

}  // namespace hangar::live
