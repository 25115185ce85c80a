// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/facts.h"
#include "harness/base/result.h"
#include "harness/subtest/subtests.h"
#include "harness/verdict/verdict.h"

// The facts of one run: what the guest did, before any judgement. All times are seconds of the host's
// monotonic clock since QEMU started (a restored run: since it was resumed).
namespace hangar::verdict {

using hangar::to_string;

// A 1-based physical line of the decompressed serial.log.
struct CitedLine {
  std::int64_t line = 0;
  std::string text;
};

// Which step of a sequence ran for the longest part of a hang.
struct HangStep {
  int number = 1;  // in the order of the run, from 1
  int of = 1;      // how many steps the run has
  std::string name;
};

struct Hang {
  HangKind kind = HangKind::hard;
  std::optional<StallCause> cause;  // of a memory_stall
  double start_s = 0;
  std::optional<double> end_s;  // none when censored
  double duration_s = 0;        // a lower bound when censored
  bool censored = false;
  std::optional<HangEnd> ended_by;
  // Our first step within the hang that changes the guest: "sysrq-f", "resume", "reset". What came after it
  // is no longer the kernel's own course, so the duration is censored there. None: the hang was only
  // observed.
  std::optional<std::string> censored_by;
  // When it was over, whatever ended it; none: it was not, or the run is older than this field.
  std::optional<double> over_s;
  std::string evidence;              // which signals stopped, and when, in words
  std::optional<std::string> where;  // the function that the blocked tasks wait in
  std::optional<HangStep> step;      // of a sequence
  std::vector<double> idle_f_s;      // when our SysRq f was sent that no kill followed
  bool suspect = false;              // the host was disturbed then: it may be the host's doing
  std::vector<CitedLine> lines;
};

struct OomKill {
  double time_s = 0;
  std::int64_t pid = 0;
  std::string comm;
  std::optional<std::string> role;  // what the reproducer called this process
  CitedLine line;
  bool sysrq =
      false;  // asked for by SysRq-f: with it the kernel's own course ends, and what expectations look at
  std::optional<double> free_s = {};  // when its memory was free; none: not seen (outcome/pace.h)
};

struct Crash {
  std::string title;
  std::string type;
  double time_s = 0;
  CitedLine line;
  bool panic = false;  // the kernel panicked: by itself, or at the end of this report
};

// A report of the kernel's hang detectors that is part of no hang: a stall shorter than the threshold, say.
struct HangReport {
  HangKind kind = HangKind::lockup;  // lockup, task
  std::string title;
  double time_s = 0;
  CitedLine line;
};

struct Finding {
  std::string id;
  std::string text;
  Certainty certainty = Certainty::possible;
  std::vector<CitedLine> lines;
};

// A stretch in which other load of the host, beyond that of our own guests, was too high for timings to be
// trusted.
struct Disturbance {
  double start_s = 0;
  double end_s = 0;
  std::string what;  // "a vCPU waited 43% of the time for a CPU"
};

struct Exit {
  int code = 0;    // of the reproducer, meaningless when signal != 0
  int signal = 0;  // that ended it
};

// One program of a sequence, as it ran. What was not seen is absent.
struct StepRun {
  std::string name;
  std::vector<std::string> argv;
  std::optional<double> started_s;
  std::optional<double> ended_s;
  std::optional<int> exit;    // its exit status; none with a signal
  std::optional<int> signal;  // that ended it
};

// Where the counters were read: by the agent in the guest, or from the guest's memory.
enum class Witness : std::uint8_t { none, agent, memory };

// What the kernel itself counted over the stretch that the log covers: the second witness of what the log
// shows. Kills that SysRq-f asked for are included: __oom_kill_process() counts OOM_KILL whatever the cause,
// once for each "Killed process" line. A count that the kernel does not keep, or that was not read, is
// absent.
struct Counters {
  Witness witness = Witness::none;
  std::string note;                         // with none: why
  std::optional<double> read_s;             // when; the log may go on after it. None: an older Hangar's run
  std::optional<std::int64_t> oom_kills;    // /proc/vmstat: oom_kill
  std::optional<std::int64_t> memcg_kills;  // memory.events of the scenario's memcg: oom_kill
  std::optional<std::int64_t> oopses;       // /sys/kernel/oops_count (since 6.2, and in 6.1.y)
  std::optional<std::int64_t> warnings;     // /sys/kernel/warn_count (since 6.2, and in 6.1.y)
};

// Exit status of a reproducer that this kernel cannot run: HANGAR_CANNOT_RUN of images/guest/hangar_guest.h.
inline constexpr int exit_cannot_run = 77;
// Exit status of the guest's init in place of a program that it could not execute.
inline constexpr int exit_not_started = 127;

// How the guest got on while the reproducer ran (outcome/pace.h).
struct Pace {
  double ran_s = 0;  // from the reproducer's start to its end, or until the guest was gone or watching ended
  // When the first stretch of 1 s or more began in which neither the probe nor the progress advanced, in
  // seconds since the reproducer's start; none: there was no such stretch.
  std::optional<double> stall_s;
  std::optional<double> probe_median_ms;  // of the time that a round of the probe took; none: no round ended
  std::optional<double> probe_p95_ms;
};

// How the watching of a run ended.
enum class End {
  done,          // the reproducer ended and the guest powered off
  hang_over,     // a hang was confirmed and all steps of `on-hang` were taken
  decided,       // nothing that follows could change the verdict: a hang where none is expected
  deadline,      // the scenario's deadline
  guest_gone,    // the guest stopped by itself: panic, reset, power-off before its time
  interrupted,   // Ctrl-C or a kill
  host_trouble,  // QEMU died, the disk was full
};

struct Outcome {
  bool hello = false;
  std::optional<double> hello_s;    // QEMU's start to hello
  std::optional<double> started_s;  // to the reproducer's start
  double watched_s = 0;             // the whole time that was watched
  End end = End::deadline;
  std::string end_detail;                 // for host_trouble and guest_gone: what was seen
  std::optional<Exit> exit;               // of a sequence: of the first step that failed and must not, else 0
  std::vector<StepRun> steps;             // of a sequence, in the order of the run
  std::optional<std::uint64_t> progress;  // the reproducer's own counter as it was seen last
  std::vector<subtest::Subtest> subtests;  // that the program reported
  std::optional<CitedLine> last_words;     // of a reproducer that failed: the last line that it printed
  std::vector<Hang> hangs;
  std::vector<OomKill> oom_kills;
  // Victims that the kernel chose; no kill line in a known form follows.
  std::vector<OomKill> uncertain_kills;
  std::vector<Crash> crashes;
  std::vector<HangReport> reports;
  std::vector<Finding> findings;
  std::vector<CitedLine> tail;  // the console's last lines
  std::vector<Disturbance> disturbances;
  // Whether other guests of Hangar ran meanwhile; none: not recorded (a run of an older Hangar).
  std::optional<bool> shared;
  bool host_unknown = false;  // how busy the host was: it is another one, whose libvirt does not report it
  Counters counters;
  std::optional<Pace> pace;  // none: the reproducer was not started, or the run is older than this field
  // What the log shows beyond the caps on its facts: how many of each part (log/part.h: "kills", "boots").
  std::map<std::string, std::uint64_t> left_out;
};

// Whether a run is left out of every denominator (rates, counts, cell expectations, kept runs): the host or
// the harness failed, or the user interrupted it. Such a run is not a sample of the kernel's behaviour.
[[nodiscard]] bool is_excluded(Verdict verdict, End end);
// The same for a stored run, from the words of its verdict and of its end.
[[nodiscard]] bool is_excluded(std::string_view verdict, std::string_view end);

// The program ended with exit_cannot_run, and no expectation covers that: the kernel lacks what the program
// needs. Such a run is in no denominator either. Unlike an excluded one it need not be repeated.
[[nodiscard]] bool could_not_run(std::string_view verdict, std::optional<int> exit_code);

// outcome.json.
[[nodiscard]] std::string to_json(const Outcome& outcome);
[[nodiscard]] Result<Outcome> outcome_from_json(const std::string& text);

// Whether more watching could have shown another answer. Not once the guest is gone or its work is done.
[[nodiscard]] bool cut_short(const Outcome& outcome);
// "sysrq-f" in words: "our SysRq f".
[[nodiscard]] std::string intervention_text(const std::string& censored_by);
// "31.2 s", "at least 31.2 s" when censored, "at least 31.2 s (ended by our SysRq f)".
[[nodiscard]] std::string duration_text(const Hang& hang);

// "SysRq f was sent at 40.1 s, 60.2 s; no kill followed"; empty if there is no such time.
[[nodiscard]] std::string idle_f_text(const std::vector<double>& times_s);
// The same of all hangs of a run.
[[nodiscard]] std::string idle_f_text(const Outcome& outcome);

// What the reproducer called the killed process, or its comm if it has no role.
[[nodiscard]] std::string name_of(const OomKill& kill);
// The longest hang, or null.
[[nodiscard]] const Hang* longest_hang(const Outcome& outcome);

}  // namespace hangar::verdict

template <>
inline constexpr auto hangar::words_of<hangar::verdict::End> = std::to_array<std::string_view>(
    {"done", "hang-over", "decided", "deadline", "guest-gone", "interrupted", "host-trouble"});
template <>
inline constexpr auto hangar::words_of<hangar::verdict::Witness> =
    std::to_array<std::string_view>({"none", "agent", "memory"});
