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
print("enum { SOFTMAX_ROWS = 6, SOFTMAX_CLASSES = 27 };\n")

generator = torch.Generator().manual_seed(2147483647)
logits = torch.randn((6, 27), generator=generator) * 4
targets = torch.randint(0, 27, (6,), generator=generator)
targets[2] = -1  # ignored
array("golden_logits", logits)
array("golden_targets", targets)
array("golden_softmax", F.softmax(logits, 1))
array("golden_log_softmax", F.log_softmax(logits, 1))
array("golden_losses", F.cross_entropy(logits, targets, reduction="none", ignore_index=-1))
for reduction in ["sum", "mean"]:
    z = logits.clone().requires_grad_()
    loss = F.cross_entropy(z, targets, reduction=reduction, ignore_index=-1)
    loss.backward()
    array(f"golden_{reduction}_loss", loss.detach().reshape(-1))
    array(f"golden_{reduction}_gradient", z.grad)
print("\n#endif")
