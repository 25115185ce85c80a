// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <tuple>
#include <utility>

#include <gtest/gtest.h>

// Comparing all fields of a struct, for tests that nothing is lost on the way through a file. The tuple is
// made by a structured binding of the whole struct, so that a field that is added does not compile unless it
// is compared too.
namespace hangar::tests {

template <std::size_t I, typename Fields>
void expect_field(const Fields& a, const Fields& b, bool equal) {
  EXPECT_EQ(std::get<I>(a) == std::get<I>(b), equal) << "field " << I;
}

template <typename... T, std::size_t... I>
void expect_fields(const std::tuple<T...>& a, const std::tuple<T...>& b, bool equal,
                   std::index_sequence<I...>) {
  (expect_field<I>(a, b, equal), ...);
}

template <typename... T>
void expect_all_equal(const std::tuple<T...>& a, const std::tuple<T...>& b) {
  expect_fields(a, b, true, std::index_sequence_for<T...>());
}

// No field of `a` has the value that it has in `b`.
template <typename... T>
void expect_all_differ(const std::tuple<T...>& a, const std::tuple<T...>& b) {
  expect_fields(a, b, false, std::index_sequence_for<T...>());
}

}  // namespace hangar::tests
