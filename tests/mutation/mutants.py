# SPDX-License-Identifier: GPL-2.0-only
"""Finds the places of a C++ source file that a mutation test can change.

This is no parser: it relies on the layout of clang-format (blanks around binary operators, one statement a line).
A mutant that makes no sense does not compile, and is not counted.
"""

import re
from dataclasses import dataclass

NEGATED = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "+=": "-=", "-=": "+=", "++": "--", "--": "++"}


@dataclass(frozen=True)
class Mutant:
    operator: str  # comparison, arithmetic, negation, constant, statement
    start: int  # offsets into the text
    end: int
    replacement: str

    def apply(self, text):
        return text[: self.start] + self.replacement + text[self.end :]

    def line(self, text):
        return text.count("\n", 0, self.start) + 1


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def _blank_string(match):
    # The quotes stay, so that a string is still seen to be an operand.
    text = match.group()
    return '"' + re.sub(r"[^\n]", "_", text[1:-1]) + '"'


IGNORED = re.compile(
    r"""//[^\n]*|/\*.*?\*/                     # comments
      |^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*            # preprocessor lines
      |\bstatic_assert\s*\([^;]*;""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
STRING = re.compile(r'R"(?P<tag>[^(]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)


def mask(text):
    """The text, of the same length, without comments, strings and preprocessor lines."""
    # A comment may hold a quote and a string two slashes: whichever begins first wins.
    both = re.compile("(?P<string>" + STRING.pattern + ")|" + IGNORED.pattern, re.DOTALL | re.MULTILINE | re.VERBOSE)
    return both.sub(lambda m: _blank_string(m) if m.group("string") else _blank(m), text)


def _operators(code):
    for match in re.finditer(r"(?<=\s)(<=|>=|==|!=|<|>)(?=\s)", code):
        yield Mutant("comparison", match.start(), match.end(), NEGATED[match.group()])
    for match in re.finditer(r"(?<=\s)(\+=|-=|\+|-)(?=\s)|(\+\+|--)(?=\w)|(?<=[\w\])])(\+\+|--)", code):
        yield Mutant("arithmetic", match.start(), match.end(), ARITHMETIC[match.group()])
    for match in re.finditer(r"!(?=[\w(*:])", code):
        yield Mutant("negation", match.start(), match.end(), "")


def _constants(code):
    for match in re.finditer(r"(?<![\w.'])(\d+)(?![\w.'])", code):
        value = int(match.group())
        if match.group() != str(value):  # octal
            continue
        for other in (value + 1, value - 1):
            if other >= 0:
                yield Mutant("constant", match.start(), match.end(), str(other))


CONTROL = re.compile(r"\s*(?:(?:if|for|while|switch)\s*(?:constexpr\s*)?(?=\()|else\b|do\b|(?:case\b[^:;?]*|default)\s*:(?!:))")
DECLARATION = re.compile(
    r"(?:const|constexpr|static|auto|using|struct|class|enum|namespace|typedef|friend|template|extern|explicit"
    r"|virtual|public|private|protected|return|goto|throw|co_\w+|TRY_ASSIGN|NLOHMANN\w*|unsigned|for|if|while)\b"
    r"|[A-Za-z_][\w:]*(?:<.*>)?(?:::\w+)?[\s*&]+[A-Za-z_]\w*\s*(?:=[^=]|;|\{|\(|,|\[|$)|\[\[",
    re.DOTALL,
)
JUMP = re.compile(r"(?:return|break|continue)\s*$")
EFFECT = re.compile(r"[\w)\]]\s*\(|(?<![=!<>])=(?!=)|\+\+|--")


def _skip_parentheses(code, at):
    depth = 0
    while at < len(code):
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        at += 1
        if depth == 0:
            return at
    return at


def _body(code, start, end):
    """Where the statement begins behind `if (...)`, `else` and labels."""
    while True:
        match = CONTROL.match(code, start, end)
        if not match:
            return start + len(code[start:end]) - len(code[start:end].lstrip())
        start = match.end()
        if start < end and code[start] == "(":
            start = _skip_parentheses(code, start)


def _statement(code, start, end):
    begin = _body(code, start, end)
    text = code[begin:end]
    if not text or not (JUMP.match(text) or (EFFECT.search(text) and not DECLARATION.match(text))):
        return None
    return Mutant("statement", begin, end, "")


def _ends_block(code, at):
    """Whether a closing brace ends a block, and not an initializer or a lambda within an expression."""
    return not re.match(r"\s*[;,).(\]?+\-*/&|<>=]", code[at + 1 :])


def _statements(code):
    opened = []  # of each bracket: its character and where the statement around it began
    start = 0
    for at, char in enumerate(code):
        if char in "({[":
            opened.append((char, start))
            start = at + 1
        elif char in ")}]" and opened:
            start = opened.pop()[1]
            if char == "}" and _ends_block(code, at):
                start = at + 1
        elif char == ";":
            if opened and opened[-1][0] == "{":  # within a block; neither in for (;;) nor at namespace level alone
                found = _statement(code, start, at)
                if found:
                    yield found
            start = at + 1


def find(text):
    """All mutants of a source file, in order."""
    code = mask(text)
    found = [*_operators(code), *_constants(code), *_statements(code)]
    return sorted(found, key=lambda one: (one.start, one.end, one.replacement))
