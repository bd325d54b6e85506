// AdamW (Loshchilov and Hutter 2019), as torch.optim.AdamW has it: at update t = 1, 2, ...
//     w = (1 - rate weight_decay) w
//     m = beta1 m + (1 - beta1) dw,    v = beta2 v + (1 - beta2) dw^2,    both from 0 on
//     w -= rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
// for all parameters alike: biases and gains decay too, as they do in torch with one group of parameters.
#ifndef NOMEN_NN_OPTIMIZER_ADAMW_H
#define NOMEN_NN_OPTIMIZER_ADAMW_H

#include "nn/optimizer/optimizer.h"

extern const OptimizerType adamw_optimizer;

#endif
