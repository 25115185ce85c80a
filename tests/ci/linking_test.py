#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A program that judges stored runs links neither libvirt, libdw, libgit2 nor a plugin loader, and no code of vm, kernel
or image. usage: linking_test.py PROGRAM"""

import re
import subprocess
import sys

FOREIGN = re.compile(r"^(vir[A-Z]|elf_|elf32_|elf64_|gelf_|dwarf_|dwfl_|git_|dlopen|archive_)")
OURS = re.compile(r"hangar::(vm|sandbox|kernel|image|mail|symbols|live|checkpoint|experiment)::")


def names(program, *options):
    listed = subprocess.run(["nm", *options, program], check=True, capture_output=True, text=True).stdout
    return [line.split(maxsplit=1)[-1].split(None, 1)[-1] for line in listed.splitlines() if line.strip()]


def main():
    program = sys.argv[1]
    undefined = [name.split("@")[0] for name in names(program, "-D", "--undefined-only")]
    defined = names(program, "-C")
    if not any("hangar::outcome::" in name for name in defined):
        sys.exit(f"{program} has no code that judges: is it stripped?")
    wrong = sorted({name for name in undefined if FOREIGN.match(name)})
    wrong += sorted({name for name in defined if OURS.search(name)})
    for name in wrong:
        print(f"{program} has {name}")
    print(f"{program}: {len(undefined)} undefined and {len(defined)} names, {len(wrong)} that do not belong there")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
