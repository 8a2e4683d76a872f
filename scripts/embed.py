#!/usr/bin/env python3
"""Turns a text file into a C array: embed.py INPUT OUTPUT.c NAME

The array is `const char NAME[]`, ends with a NUL and is declared in a header of the user's own.
"""
import sys

if len(sys.argv) != 4:
    sys.exit("usage: embed.py INPUT OUTPUT.c NAME")
source, target, name = sys.argv[1:]

with open(source, "rb") as file:
    data = file.read() + b"\0"
if b"\0" in data[:-1]:
    sys.exit(f"embed.py: {source} contains a NUL byte")

with open(target, "w", encoding="ascii") as file:
    file.write(f"extern const char {name}[];\nconst char {name}[] = {{\n")
    for start in range(0, len(data), 16):
        file.write("".join(f"'\\x{byte:02x}'," for byte in data[start:start + 16]) + "\n")
    file.write("};\n")
