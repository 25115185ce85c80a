// SPDX-License-Identifier: GPL-2.0-only
// Half of the mutations of YAML and JSON targets put a word of the dictionary where a line, a list or an
// object has room for another member. libFuzzer itself puts words at any byte, and few of the results are
// well-formed. The dictionary is that of libFuzzer's -dict, named by HANGAR_FUZZ_DICT.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

// "a\x0A" of a line of the dictionary.
std::string unquoted(const std::string& line) {
  std::string word;
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    if (line[i] != '\\') {
      word += line[i];
    } else if (line[i + 1] == 'x') {
      word += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      word += line[++i];
    }
  }
  return word;
}

std::vector<std::string> read_words() {
  std::vector<std::string> words;
  const char* file = std::getenv("HANGAR_FUZZ_DICT");
  std::ifstream in(file == nullptr ? "" : file);
  for (std::string line; std::getline(in, line);) {
    if (line.size() > 2 && line.front() == '"' && line.back() == '"') words.push_back(unquoted(line));
  }
  return words;
}

std::vector<std::size_t> rooms_in(const std::string& text) {
  std::vector<std::size_t> rooms = {0, text.size()};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || c == '{' || c == '[' || c == ',' || c == ' ') rooms.push_back(i + 1);
    if (c == '}' || c == ']' || c == '"' || c == '\n') rooms.push_back(i);
  }
  return rooms;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  static const std::vector<std::string> words = read_words();
  std::minstd_rand random(seed);
  if (words.empty() || random() % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string text(reinterpret_cast<const char*>(data), size);
  const auto rooms = rooms_in(text);
  text.insert(rooms[random() % rooms.size()], words[random() % words.size()]);
  if (text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
