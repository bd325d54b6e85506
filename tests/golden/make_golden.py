#!/usr/bin/env python3
"""Prints tests/golden/golden.h: what PyTorch's CPU generator and Python's random draw. Needs python3-torch 1.13.1."""

import random
import textwrap

import torch

LECTURE, SMALL, WIDE = 2147483647, 42, 2**32 + 7  # WIDE: PyTorch seeds by its lowest 32 bits


def generator(seed):
    return torch.Generator().manual_seed(seed)


def array(c_type, name, values, suffix=""):
    words = ", ".join(str(value) + suffix for value in values)
    print(f"static const {c_type} golden_{name}[] = {{")
    print(textwrap.fill(words, width=116, initial_indent="    ", subsequent_indent="    "))
    print("};")


def floats(name, tensor):
    """Nine digits tell every float32 from its neighbours; a point makes each one a C constant."""
    array("float", name, [f"{x:#.9g}" for x in tensor.tolist()], "f")


def doubles(name, tensor):
    array("double", name, [f"{x:#.17g}" for x in tensor.tolist()])


def section(text):
    print(f"\n// {text}")


def uniforms():
    section("torch.rand(20), float32 and float64; the numbers in the names are the seeds")
    for seed in (LECTURE, SMALL, WIDE):
        floats(f"rand_{seed}", torch.rand(20, generator=generator(seed)))
    for seed in (LECTURE, WIDE):
        doubles(f"rand_double_{seed}", torch.rand(20, generator=generator(seed), dtype=torch.float64))


def integers():
    section("torch.randint(0, n, (12,)): seed, then n")
    for n in (2, 27, 182625, 2**32 - 1, 2**32, 2**40 + 3):
        draws = torch.randint(0, n, (12,), generator=generator(LECTURE))
        array("uint64_t", f"randint_{LECTURE}_{n}", draws.tolist())
    array("uint64_t", f"randint_{WIDE}_27", torch.randint(0, 27, (12,), generator=generator(WIDE)).tolist())


def normals():
    section("torch.randn of sizes 1, 5, 15, 16, 1 from one generator: the spare normal outlives the large fill")
    g = generator(LECTURE)
    floats(f"randn_small_{LECTURE}", torch.cat([torch.randn(n, generator=g) for n in (1, 5, 15, 16, 1)]))
    section("torch.randn: seed, then size")
    for seed, size in ((LECTURE, 16), (LECTURE, 27), (SMALL, 200), (WIDE, 300)):
        floats(f"randn_{seed}_{size}", torch.randn(size, generator=generator(seed)))


def draws():
    section("exponential_ of 20 float64")
    for seed in (LECTURE, SMALL):
        doubles(f"exponential_{seed}", torch.empty(20, dtype=torch.float64).exponential_(generator=generator(seed)))
    section("a distribution over 27 classes, one of them impossible; the weights w stand for w / 1024, exactly")
    weights = [41, 12, 44, 66, 30, 53, 15, 21, 25, 28, 70, 84, 6, 73, 33, 58, 18, 2, 47, 62, 39, 0, 11, 9, 17, 76, 84]
    assert sum(weights) == 1024 and len(weights) == 27
    array("float", "weights", weights, ".0f")
    p = torch.tensor(weights) / 1024
    section("40 draws from that distribution, one by one: multinomial(p, 1) (race), and with replacement (inverse)")
    for seed in (LECTURE, WIDE):
        for name, replacement in (("race", False), ("inverse", True)):
            g = generator(seed)
            ids = [torch.multinomial(p, 1, replacement=replacement, generator=g).item() for _ in range(40)]
            array("uint16_t", f"{name}_{seed}", ids)


def shuffles():
    section("random.seed(s); random.shuffle(list(range(n))): s, then n")
    for seed in (0, 42, LECTURE, 2**40 + 5):
        for n in (20, 100):
            items = list(range(n))
            random.seed(seed)
            random.shuffle(items)
            array("uint32_t", f"shuffle_{seed}_{n}", items)


print("// clang-format off")
print("// Made by `make golden` (golden/make_golden.py) from PyTorch 1.13.1 and Python's random; not to be edited.")
print("#ifndef NOMEN_TESTS_GOLDEN_H\n#define NOMEN_TESTS_GOLDEN_H\n\n#include <stdint.h>")
uniforms()
integers()
normals()
draws()
shuffles()
print("\n#endif")
