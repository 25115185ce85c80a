# SPDX-License-Identifier: GPL-2.0-only
import unittest

import mutants

SAMPLE = '''#include <a.h>  // 1 < 2
#define N (1 + 1)
static_assert(sizeof(int) == 4, "4");
namespace x {
constexpr int limit = 10;
// a comment with 5 and !no
/* and a + b; f(); */
std::vector<int> g(const std::map<int, int>& all);

int f(int a, double b) {
  int sum = 0;
  std::string text = "a + b; !c < 7";
  const char c = '7';
  if (!all.empty() && a >= limit) return sum + 1;
  for (int i = 0; i < a; ++i) sum += i;
  use(sum, [&](int one) {
    note(one);
    return one == 3;
  });
  if (a != 12)
    stop();
  else
    text.clear();
  while (true) break;
  switch (a) {
    case 4:
      b = 2.5e3;
      break;
  }
  Point point{1, 2};
  return 0x10 + 1.5;
}
}  // namespace x
'''


def described(operator):
    return [
        (one.line(SAMPLE), SAMPLE[one.start : one.end], one.replacement)
        for one in mutants.find(SAMPLE)
        if one.operator == operator
    ]


class Finder(unittest.TestCase):
    def test_comparisons(self):
        self.assertEqual(described("comparison"), [(14, ">=", "<"), (15, "<", ">="), (18, "==", "!="), (20, "!=", "==")])

    def test_arithmetic(self):
        self.assertEqual(
            described("arithmetic"), [(14, "+", "-"), (15, "++", "--"), (15, "+=", "-="), (31, "+", "-")]
        )

    def test_negations(self):
        self.assertEqual(described("negation"), [(14, "!", "")])

    def test_constants_are_whole_numbers_outside_of_strings(self):
        found = [(line, old) for line, old, new in described("constant") if int(new) > int(old)]
        self.assertEqual(
            found,
            [(5, "10"), (11, "0"), (14, "1"), (15, "0"), (18, "3"), (20, "12"), (26, "4"), (30, "1"), (30, "2")],
        )
        self.assertIn((5, "10", "9"), described("constant"))
        self.assertNotIn((11, "0", "-1"), described("constant"))

    def test_statements_are_effects_and_jumps_and_no_declarations(self):
        found = [(line, " ".join(old.split())) for line, old, _ in described("statement")]
        self.assertEqual(
            found,
            [
                (15, "sum += i"),
                (16, "use(sum, [&](int one) { note(one); return one == 3; })"),
                (17, "note(one)"),
                (21, "stop()"),
                (23, "text.clear()"),
                (24, "break"),
                (27, "b = 2.5e3"),
                (28, "break"),
            ],
        )

    def test_a_mutant_changes_nothing_else(self):
        for one in mutants.find(SAMPLE):
            changed = one.apply(SAMPLE)
            self.assertNotEqual(changed, SAMPLE)
            self.assertEqual(changed[: one.start], SAMPLE[: one.start])
            self.assertTrue(changed.endswith(SAMPLE[one.end :]))

    def test_masking_keeps_the_length_and_the_lines(self):
        code = mutants.mask(SAMPLE)
        self.assertEqual(len(code), len(SAMPLE))
        self.assertEqual(code.count("\n"), SAMPLE.count("\n"))


if __name__ == "__main__":
    unittest.main()
