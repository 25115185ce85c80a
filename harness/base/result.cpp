// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/result.h"

#include <cerrno>
#include <system_error>

namespace hangar {

Error user_error(std::string message, std::string detail) {
  return {Fault::user, std::move(message), std::move(detail)};
}

Error infra_error(std::string message, std::string detail) {
  return {Fault::infra, std::move(message), std::move(detail)};
}

Error unavailable_error(std::string message, std::string detail) {
  return {Fault::unavailable, std::move(message), std::move(detail)};
}

Error errno_error(const std::string& message) {
  return {Fault::infra, message + ": " + std::generic_category().message(errno), {}};
}

Error interrupted_error() {
  return {Fault::interrupted, "interrupted", {}};
}

int exit_status(const Error& error) {
  switch (error.fault) {
    case Fault::user:
      return 2;
    case Fault::infra:
    case Fault::unavailable:
      return 3;
    case Fault::interrupted:
      return 130;
  }
  return 3;
}

}  // namespace hangar
