// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "harness/base/text.h"
#include "harness/kernel/config/kconfig.h"

namespace hangar::kernel {
namespace {

struct Token {
  std::string_view text;
  bool quoted = false;
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  while (!(text = trim(text)).empty()) {
    size_t size = 1;
    const char c = text[0];
    if (c == '"' || c == '\'') {
      const size_t end = text.find(c, 1);
      size = end == std::string_view::npos ? text.size() : end + 1;
      tokens.push_back({text.substr(1, size - (end == std::string_view::npos ? 1 : 2)), true});
      text.remove_prefix(size);
      continue;
    }
    if (c == '$' && text.substr(0, 2) == "$(") {
      int depth = 0;
      for (size = 1; size < text.size(); ++size) {
        if (text[size] == '(') ++depth;
        if (text[size] == ')' && --depth == 0) break;
      }
      size = std::min(size + 1, text.size());
    } else if (text.substr(0, 2) == "&&" || text.substr(0, 2) == "||" || text.substr(0, 2) == "!=" ||
               text.substr(0, 2) == "<=" || text.substr(0, 2) == ">=") {
      size = 2;
    } else if (std::string_view("()!=<>&|").find(c) == std::string_view::npos) {
      size = std::min(text.find_first_of(" \t()!=<>&|\"'"), text.size());
    }
    tokens.push_back({text.substr(0, size), false});
    text.remove_prefix(size);
  }
  return tokens;
}

// Recursive descent over `or`, `and`, comparison; values are 'n' < 'm' < 'y' as 0, 1, 2.
class Evaluator {
 public:
  Evaluator(std::vector<Token> tokens, const Config& config) : tokens_(std::move(tokens)), config_(config) {}

  int disjunction() {
    int value = conjunction();
    while (take("||")) value = std::max(value, conjunction());
    return value;
  }

 private:
  bool take(std::string_view text) {
    if (at_ >= tokens_.size() || tokens_[at_].quoted || tokens_[at_].text != text) return false;
    ++at_;
    return true;
  }

  int conjunction() {
    int value = term();
    while (take("&&")) value = std::min(value, term());
    return value;
  }

  int term() {
    // A depth bound: hostile input must not overflow the stack.
    if (++depth_ > 100) return 2;
    int value = 2;
    if (take("!")) {
      value = 2 - term();
    } else if (take("(")) {
      value = disjunction();
      take(")");
    } else {
      value = comparison();
    }
    --depth_;
    return value;
  }

  int comparison() {
    if (at_ >= tokens_.size()) return 2;
    const Token left = tokens_[at_++];
    if (take("=")) return equal(left) ? 2 : 0;
    if (take("!=")) return equal(left) ? 0 : 2;
    for (const char* order : {"<=", ">=", "<", ">"}) {
      if (take(order)) {
        ++at_;  // versions of compilers and the like: conf knows them, we take them as met
        return 2;
      }
    }
    return level(value_of(left));
  }

  bool equal(const Token& left) {
    if (at_ >= tokens_.size()) return false;
    return value_of(left) == value_of(tokens_[at_++]);
  }

  static int level(std::string_view value) { return value == "y" ? 2 : value == "m" ? 1 : 0; }

  std::string value_of(const Token& token) const {
    if (token.quoted || token.text == "y" || token.text == "m" || token.text == "n")
      return std::string(token.text);
    if (token.text[0] == '$') return "y";  // a macro: assumed to be met
    const auto found = config_.find(std::string(token.text));
    if (found == config_.end()) return "n";
    const std::string_view value = found->second;
    if (value.size() >= 2 && value.front() == '"') return std::string(value.substr(1, value.size() - 2));
    return std::string(value);
  }

  std::vector<Token> tokens_;
  const Config& config_;
  size_t at_ = 0;
  int depth_ = 0;
};

// Without one pair of parentheses around the whole, if there is one.
std::string_view unwrapped(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return text;
  int depth = 0;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth == 0) return text;
  }
  return unwrapped(text.substr(1, text.size() - 2));
}

std::vector<std::string_view> conjuncts(std::string_view text) {
  text = unwrapped(text);
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth != 0) continue;
    if (text.substr(i, 2) == "||") return {text};
    if (text.substr(i, 2) != "&&") continue;
    parts.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 2;
  }
  parts.push_back(trim(text.substr(begin)));
  return parts;
}

}  // namespace

char evaluate(std::string_view expression, const Config& config) {
  const int value = Evaluator(tokens_of(expression), config).disjunction();
  return value == 2 ? 'y' : value == 1 ? 'm' : 'n';
}

std::vector<std::string> unmet_terms(std::string_view expression, const Config& config) {
  std::vector<std::string> unmet;
  for (const std::string_view part : conjuncts(expression))
    if (evaluate(part, config) == 'n') unmet.emplace_back(unwrapped(part));
  return unmet;
}

}  // namespace hangar::kernel
