// The gradient check: the trainer's gradient of one minibatch beside two that share no code with it, the scalar
// autograd of the whole network (nn/value.h) and central differences of its tape, both in double.
#ifndef NOMEN_STUDY_GRADCHECK_H
#define NOMEN_STUDY_GRADCHECK_H

#include "train/trainer.h"

// The largest difference over a tensor's entries.
typedef struct Difference {
    double absolute;
    double relative; // to the tensor's largest gradient; 0 where that is 0
} Difference;

enum { GRADCHECK_DIMS = 2, GRADCHECK_ENTRIES = 256 };

// A tensor of parameters, or the logits.
typedef struct GradcheckRow {
    const char *name;
    size_t n_dims, dims[GRADCHECK_DIMS];
    size_t n_entries;    // compared with central differences: all, or GRADCHECK_ENTRIES at fixed random places
    size_t n_skipped;    // of those, passed over because the step crosses the kink of a relu
    Difference autograd; // over all of the tensor's entries
    Difference central;  // over those compared
    double size;         // the largest sum of its paths' sizes (tape_backward_sizes): what rounding has to go by
    double tolerance;    // 1e-6 + 1e-4 (the tensor's largest gradient) + 2e-6 (size): what either may differ by
    bool is_ok;
} GradcheckRow;

typedef struct GradcheckReport {
    double loss;        // the trainer's
    double scalar_loss; // the autograd's
    size_t n_nodes;     // of its tape
    size_t n_rows;      // the parameters in order, the logits last
    GradcheckRow *rows;
    bool is_ok;
} GradcheckReport;

// Takes the trainer's next minibatch of train.batch_size examples (not "all") through both, leaving everything in its
// network as trainer_backward does. An error where the loss is not finite, and where the tape would not fit
// into memory, before it is built.
bool gradcheck(Trainer *trainer, GradcheckReport *report, Arena *arena, Error *err);

// Writes the minibatch (batch.ids, batch.targets), the loss, every layer's output and its gradient (layers.0.output,
// layers.0.output.grad) and every parameter and its gradient (layers.0.weight, layers.0.weight.grad) as they stand
// after gradcheck, to a safetensors file, for part 4's comparison in Python.
bool gradcheck_dump(const Trainer *trainer, const GradcheckReport *report, const char *path, Error *err);

#endif
