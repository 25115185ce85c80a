// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/read.h"

#include <algorithm>

#include "harness/log/form/reader.h"
#include "harness/log/infer/builder.h"
#include "harness/log/input/lines.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t read_bytes = std::size_t{256} << 10;  // stays in the second-level cache

}  // namespace

LogFacts analyse(std::string_view bytes, EngineOptions options) {
  FactsBuilder builder;
  Engine engine([&](Event&& event) { builder.on(std::move(event)); }, options);
  engine.feed(bytes);
  engine.finish();
  LogFacts facts = builder.take();
  facts.bytes = engine.bytes();
  facts.lines = engine.lines();
  return facts;
}

Result<void> feed_all(ByteSource& source, Engine& engine) {
  std::vector<char> buffer(read_bytes);
  for (;;) {
    TRY_ASSIGN(const std::size_t n, source.read(buffer.data(), buffer.size()));
    if (n == 0) return {};
    engine.feed(std::string_view(buffer.data(), n));
  }
}

namespace {

LogFacts facts_of(FactsBuilder& builder, const Reader& reader) {
  LogFacts facts = builder.take();
  facts.bytes = reader.bytes();
  facts.lines = reader.lines();
  reader.renumber(facts);
  return facts;
}

}  // namespace

LogFacts analyse_any(std::string_view bytes, EngineOptions options) {
  FactsBuilder builder;
  Reader reader([&](Event&& event) { builder.on(std::move(event)); }, options);
  reader.feed(bytes);
  reader.finish();
  return facts_of(builder, reader);
}

Result<LogFacts> read_log(const std::string& path) {
  TRY_ASSIGN(auto source, ByteSource::open(path));
  FactsBuilder builder;
  Reader reader([&](Event&& event) { builder.on(std::move(event)); });
  std::vector<char> buffer(read_bytes);
  for (;;) {
    TRY_ASSIGN(const std::size_t n, source.read(buffer.data(), buffer.size()));
    if (n == 0) break;
    reader.feed(std::string_view(buffer.data(), n));
  }
  reader.finish();
  return facts_of(builder, reader);
}

Result<std::map<std::uint64_t, std::string>> fetch_lines(const std::string& path,
                                                         std::vector<std::uint64_t> numbers) {
  std::map<std::uint64_t, std::string> out;
  if (numbers.empty()) return out;
  TRY_ASSIGN(auto source, ByteSource::open(path));
  std::sort(numbers.begin(), numbers.end());
  LineSplitter splitter;
  const auto take = [&](std::string_view text, std::uint64_t number, std::uint64_t) {
    if (std::binary_search(numbers.begin(), numbers.end(), number)) out.emplace(number, trim_right(text));
  };
  std::vector<char> buffer(read_bytes);
  while (splitter.lines() < numbers.back()) {
    TRY_ASSIGN(const std::size_t n, source.read(buffer.data(), buffer.size()));
    if (n == 0) break;
    splitter.feed(std::string_view(buffer.data(), n), take);
  }
  splitter.finish(take);
  return out;
}

}  // namespace hangar::log
