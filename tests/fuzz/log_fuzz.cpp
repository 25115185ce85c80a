// SPDX-License-Identifier: GPL-2.0-only
#include <string>
#include <string_view>

#include "harness/log/form/reader.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/json.h"
#include "harness/log/render/summary.h"
#include "tests/fuzz/fuzz.h"

// The whole log engine over any bytes: it must not crash, chunks and the prefilter must not change an event,
// and a log cut anywhere must still be read.
namespace {

using namespace hangar::log;
using hangar::fuzz::must;

std::string events_of(std::string_view bytes, bool prefilter, std::size_t chunk) {
  std::string out;
  Summary summary;
  Engine engine(
      [&](Event&& event) {
        summary.on(event);
        out += to_json(event) + "\n";
      },
      EngineOptions{prefilter});
  for (std::size_t at = 0; at < bytes.size(); at += chunk) engine.feed(bytes.substr(at, chunk));
  engine.finish();
  for (const auto& shown : {summary.text(80), out}) {
    if (shown.find('\x1b') != std::string::npos || shown.find("\xc2\x9b") != std::string::npos)
      out += "ESCAPE";
  }
  return out;
}

// In the form that it seems to have.
std::string read_by_form(std::string_view bytes, std::size_t chunk) {
  std::string out;
  Reader reader([&](Event&& event) {
    reader.renumber(event);
    out += to_json(event) + "\n";
  });
  for (std::size_t at = 0; at < bytes.size(); at += chunk) reader.feed(bytes.substr(at, chunk));
  reader.finish();
  return out;
}

[[maybe_unused]] bool is_deep(const Boot& boot) {
  return !boot.oom.empty() && !boot.hung_tasks.empty() && !boot.crashes.empty() && boot.panic.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = hangar::fuzz::text_of(data, size);
  const auto whole = events_of(bytes, true, size + 1);
  must(whole.find("ESCAPE") == std::string::npos, "an escape reached the terminal", whole, "");
  const auto obvious = events_of(bytes, false, size + 1);
  must(whole == obvious, "the prefilter changed the events", whole, obvious);
  const std::size_t chunk = size < 2 ? 1 : 1 + data[size / 2] % size;
  const auto chunked = events_of(bytes, true, chunk);
  must(whole == chunked, "chunks changed the events", whole, chunked);
  const auto formed = read_by_form(bytes, size + 1);
  must(formed == read_by_form(bytes, chunk), "chunks changed the events of a form", formed, "");
  must(formed.find('\x1b') == std::string::npos, "an escape reached the terminal", formed, "");
  const auto cut = analyse(bytes.substr(0, size == 0 ? 0 : data[0] % size));
  must(!cut.boots.empty(), "a log without a boot");
#ifdef HANGAR_PLANTED_FAULT
  for (const Boot& boot : analyse(bytes).boots) hangar::fuzz::planted(is_deep(boot));
#endif
  return 0;
}
