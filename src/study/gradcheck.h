// Compares the trainer's gradient of one minibatch with two gradients that share no code with it, both in double: the
// scalar autograd of the whole network (nn/value.h), and central differences of the autograd's tape.
#pragma once

#include "train/trainer.h"

// The largest difference over the entries of a tensor.
typedef struct Difference {
    double absolute;
    double relative; // to the tensor's largest gradient; 0 if that is 0
} Difference;

enum { GRADCHECK_DIMS = 2 };

// A tensor of parameters, or the logits.
typedef struct GradcheckRow {
    const char *name;
    size_t n_dims, dims[GRADCHECK_DIMS];
    size_t n_entries;    // to compare with central differences: all, or 4 to 256 at fixed random places
    size_t n_skipped;    // of n_entries, because the difference step crosses the kink of a relu
    Difference autograd; // over all entries
    Difference central;  // over the entries compared
    double size;         // largest sum of path sizes (tape_backward_sizes), which bounds the rounding error
    double tolerance;    // of both differences: 1e-6 + 1e-4 (the tensor's largest gradient) + 2e-6 size
    bool is_ok;
} GradcheckRow;

typedef struct GradcheckReport {
    double loss;        // by the trainer
    double scalar_loss; // by the autograd
    size_t n_nodes;     // of the autograd's tape
    size_t n_rows;      // the parameters in order, the logits last
    GradcheckRow *rows;
    bool is_ok;
} GradcheckReport;

// Checks the gradients of the trainer's next minibatch, of train.batch_size examples (not "all"). Leaves the network as
// trainer_backward does. A loss that is not finite is an error, and so is a tape that would not fit into memory.
bool gradcheck(Trainer *trainer, GradcheckReport *report, Arena *arena, Error *err);

// Writes what gradcheck computed to a safetensors file, for part 4's comparison in Python: the minibatch (batch.ids,
// batch.targets), the loss, and every layer's output and every parameter with its gradient (layers.0.output,
// layers.0.output.grad, layers.0.weight, layers.0.weight.grad).
bool gradcheck_dump(const Trainer *trainer, const GradcheckReport *report, const char *path, Error *err);
