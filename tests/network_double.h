// A network once more, in double and plain loops, sharing no code with src/: the witness for its gradients.
#ifndef NOMEN_TESTS_NETWORK_DOUBLE_H
#define NOMEN_TESTS_NETWORK_DOUBLE_H

#include "nn/network.h"

// The mean cross-entropy of b examples, with the network's tensors taken from `tensors` (one array each).
double double_loss(const Network *network, double *const *tensors, const uint16_t *ids, const uint16_t *targets,
                   size_t b);

// Fails the test unless every parameter's gradient in `network`, left there by a backward pass over these examples, is
// within 1e-6 + 1e-4 (the tensor's largest) of the central difference of double_loss.
void expect_gradients(const Network *network, const uint16_t *ids, const uint16_t *targets, size_t b);

#endif
