// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

// Result<T>: a value or an Error. An Error is the host's, the harness's or the user's fault, never the
// guest's: a kernel that crashes or hangs is an outcome and travels as a value. tl::expected (1.0) would
// replace the variant below, but it is not [[nodiscard]], and TRY would stay.
namespace hangar {

enum class Fault {
  user,         // the input is wrong: exit status 2
  infra,        // disk, package, QEMU, libvirt: exit status 3
  unavailable,  // what others publish has moved or gone: exit status 3, and a test skips
  interrupted,  // SIGINT or SIGTERM: exit status 130
};

// `message` is one clear sentence: what was being done, to what, what to do about it. `detail` holds further
// lines (a compiler's last words, a caret under a YAML line); it may be empty.
struct Error {
  Fault fault = Fault::infra;
  std::string message;
  std::string detail;

  // Puts what the caller was doing in front: "building v6.1: " + message.
  [[nodiscard]] Error within(const std::string& doing) && {
    message = doing + ": " + message;
    return std::move(*this);
  }
};

[[nodiscard]] Error user_error(std::string message, std::string detail = {});
[[nodiscard]] Error infra_error(std::string message, std::string detail = {});
[[nodiscard]] Error unavailable_error(std::string message, std::string detail = {});
// "MESSAGE: strerror(errno)", for a system call that has just failed.
[[nodiscard]] Error errno_error(const std::string& message);
[[nodiscard]] Error interrupted_error();
[[nodiscard]] int exit_status(const Error& error);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] explicit operator bool() const { return state_.index() == 0; }
  [[nodiscard]] T& operator*() & { return std::get<0>(state_); }
  [[nodiscard]] const T& operator*() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& operator*() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] T* operator->() { return &std::get<0>(state_); }
  [[nodiscard]] const T* operator->() const { return &std::get<0>(state_); }
  // For an error that is dropped on purpose.
  [[nodiscard]] T value_or(T other) && { return *this ? std::get<0>(std::move(state_)) : std::move(other); }
  [[nodiscard]] Error& error() & { return std::get<1>(state_); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] explicit operator bool() const { return !error_.has_value(); }
  [[nodiscard]] Error& error() & { return *error_; }
  [[nodiscard]] const Error& error() const& { return *error_; }
  [[nodiscard]] Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace hangar

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot be parenthesised
#define HANGAR_CONCAT_(a, b) a##b
#define HANGAR_CONCAT(a, b) HANGAR_CONCAT_(a, b)

// TRY(expr): returns the error of a Result<void> (or of any Result whose value is not needed).
#define TRY(expr)                                  \
  do {                                             \
    if (auto try_result_ = (expr); !try_result_) { \
      return std::move(try_result_).error();       \
    }                                              \
  } while (false)

// TRY_ASSIGN(auto x, expr): x gets the value, or the error is returned.
#define TRY_ASSIGN(declaration, expr) TRY_ASSIGN_(HANGAR_CONCAT(try_result_, __LINE__), declaration, expr)
#define TRY_ASSIGN_(temporary, declaration, expr)      \
  auto temporary = (expr);                             \
  if (!temporary) return std::move(temporary).error(); \
  declaration = std::move(*temporary)
// NOLINTEND(bugprone-macro-parentheses)
