// Two ways of training the runs of a group, each in turn as soon as a process is free for it. Both print how each run
// ends.
#pragma once

#include "cmd/train/group.h"

// Returns n jobs, all 0, in memory that children of this process share.
Job *jobs_create(size_t n, Error *err);

// Trains each run in a child of its own, and passes signals on. The kernels must not have started threads yet
// (kernels_use_threads(1)). A child that dies, or cannot be started, is a failure of its run. If the parent dies, a
// child stops at the next step with a checkpoint. Returns true in each child when its run has ended; the child must
// then return to main.
bool train_in_children(Group *group);

// Trains the runs in all processes of the world, one at a time in each. Process 0 hands them out and prints, between
// the steps of a run of its own. A process that a signal has stopped gets no more runs. Every process returns when no
// run is left.
void train_in_world(Group *group, World world);
