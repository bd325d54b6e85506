// Stochastic gradient descent (lectures part 1), with momentum as torch.optim.SGD has it (Sutskever et al. 2013):
//     v = momentum v + dw,    w -= rate v,    or with Nesterov's  w -= rate (dw + momentum v),
// v from 0 on. Without momentum there is no v: w -= rate dw.
#ifndef NOMEN_NN_OPTIMIZER_SGD_H
#define NOMEN_NN_OPTIMIZER_SGD_H

#include "nn/optimizer/optimizer.h"

extern const OptimizerType sgd_optimizer;

#endif
