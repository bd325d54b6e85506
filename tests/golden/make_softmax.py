"""Prints golden_softmax.h: softmax, log-softmax, cross-entropy and their gradients as PyTorch computes them, in float32."""

import torch
import torch.nn.functional as F


def array(name, tensor):
    values = [float(x).hex() + "f" if tensor.dtype == torch.float32 else str(int(x)) for x in tensor.flatten()]
    lines = [", ".join(values[i : i + 5]) for i in range(0, len(values), 5)]
    kind = "float" if tensor.dtype == torch.float32 else "int32_t"
    print(f"static const {kind} {name}[] = {{\n    " + ",\n    ".join(lines) + "};")


print("// Made by `make golden` (tests/golden/make_softmax.py) with PyTorch " + torch.__version__.split("+")[0] + ".")
print("// clang-format off")
print("#ifndef NOMEN_TESTS_GOLDEN_SOFTMAX_H\n#define NOMEN_TESTS_GOLDEN_SOFTMAX_H\n\n#include <stdint.h>\n")
print("enum { SOFTMAX_ROWS = 6, SOFTMAX_CLASSES = 27, CUBE_OUTER = 2, CUBE_N = 5, CUBE_INNER = 3 };\n")

generator = torch.Generator().manual_seed(2147483647)
logits = torch.randn((6, 27), generator=generator) * 4
targets = torch.randint(0, 27, (6,), generator=generator)
targets[2] = -1  # ignored
soft = torch.softmax(torch.randn((6, 27), generator=generator), 1)
cube = torch.randn((2, 5, 3), generator=generator) * 10
array("golden_logits", logits)
array("golden_targets", targets)
array("golden_soft_targets", soft)
array("golden_softmax", F.softmax(logits, 1))
array("golden_log_softmax", F.log_softmax(logits, 1))
array("golden_logsumexp", torch.logsumexp(logits, 1))
array("golden_cube", cube)
array("golden_cube_softmax", F.softmax(cube, 1))
array("golden_cube_log_softmax", F.log_softmax(cube, 1))
for reduction in ["none", "sum", "mean"]:
    for name, target in [("class", targets), ("soft", soft)]:
        z = logits.clone().requires_grad_()
        options = {"ignore_index": -1} if name == "class" else {}
        loss = F.cross_entropy(z, target, reduction=reduction, **options)
        loss.sum().backward()
        array(f"golden_{name}_{reduction}_loss", loss.detach().reshape(-1))
        array(f"golden_{name}_{reduction}_gradient", z.grad)
print("\n#endif")
