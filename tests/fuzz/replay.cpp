// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/edges.h"

// Runs a fuzz target without libFuzzer: over each file of a corpus and a fixed number of mutations of each,
// always the same. usage: replay_TARGET MUTATIONS FILE|FOLDER...
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937;
constexpr std::size_t largest_input = 16384;

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  bytes.resize(std::min(bytes.size(), largest_input));
  return bytes;
}

std::vector<std::filesystem::path> files_of(char** from, char** to) {
  std::vector<std::filesystem::path> files;
  for (; from != to; ++from) {
    if (!std::filesystem::is_directory(*from)) {
      files.emplace_back(*from);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*from)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::size_t below(Random& random, std::size_t limit) {
  return limit == 0 ? 0 : random() % limit;
}

// One change: a byte, a number, a piece that is removed, repeated, or taken from another input.
void change(Random& random, std::string& bytes, const std::string& other) {
  const std::size_t at = below(random, bytes.size());
  const std::size_t length = below(random, std::min<std::size_t>(64, bytes.size() - at) + 1);
  switch (below(random, 6)) {
    case 0:
      if (!bytes.empty()) bytes[at] = static_cast<char>(random());
      break;
    case 1:
      bytes.erase(at, length);
      break;
    case 2:
      bytes.insert(at, bytes.substr(at, length));
      break;
    case 3:
      bytes.insert(at, other.substr(below(random, other.size()), length));
      break;
    case 4: {
      const std::size_t digit = bytes.find_first_of("0123456789", at);
      if (digit != std::string::npos) bytes.replace(digit, 1, below(random, 2) == 0 ? "99999999999" : "0");
      break;
    }
    default:
      bytes.resize(at);
  }
  bytes.resize(std::min(bytes.size(), largest_input));
}

void run(const std::string& bytes) {
  (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s MUTATIONS FILE|FOLDER...\n", argv[0]);
    return 2;
  }
  const int mutations = std::atoi(argv[1]);
  std::vector<std::string> corpus{""};
  for (const auto& file : files_of(argv + 2, argv + argc)) corpus.push_back(read(file));
  Random random(1);
  std::size_t inputs = 0;
  for (const std::string& whole : corpus) {
    run(whole);
    ++inputs;
    for (int i = 0; i < mutations; ++i, ++inputs) {
      std::string bytes = whole;
      for (std::size_t changes = 1 + below(random, 4); changes > 0; --changes)
        change(random, bytes, corpus[below(random, corpus.size())]);
      run(bytes);
    }
  }
  const std::string name = std::filesystem::path(argv[0]).filename().string();
  std::printf("%s: %zu inputs (%zu files of the corpus), ", name.c_str(), inputs, corpus.size() - 1);
  if (const std::size_t edges = hangar::fuzz::edges(); edges > 0) {
    std::printf("%zu edges\n", edges);
  } else {
    std::printf("edges not counted (not built by the preset asan)\n");
  }
  return 0;
}
