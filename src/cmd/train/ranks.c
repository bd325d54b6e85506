// Training runs in the processes of the world. Process 0 sends each of the others the index of a run; the other trains
// the run, sends its report, and waits for the next index.
#include "cmd/train/outcome.h"
#include "cmd/train/workers.h"

#include <time.h>

typedef struct Message {
    size_t index; // of the job
    Report report;
} Message;

typedef struct Leader {
    Group *group;
    World world;
} Leader;

// Sends the next run to a process, if one is left.
static void hand_next(const Leader *leader, size_t to) {
    const Job *job = group_take(leader->group);
    if (!job) return;
    size_t index = (size_t)(job - leader->group->jobs);
    world_send(leader->world, to, &index, sizeof index);
}

// Takes in the reports that have arrived; called between the steps of a run too. A process whose run has ended gets the
// next.
static void receive_reports(void *context) {
    const Leader *leader = context;
    Message message;
    size_t from;
    while (world_receive(leader->world, false, &message, sizeof message, &from)) {
        Job *job = &leader->group->jobs[message.index];
        job->report = message.report;
        if (job->report.state != JOB_STOPPED) hand_next(leader, from);
        outcome_show_end(leader->group, job);
    }
}

static void lead(Group *group, World world) {
    static const struct timespec interval = {.tv_nsec = 10000000};
    Leader leader = {group, world};
    const size_t none = group->n;
    for (size_t to = 1; to < world.size; to++) hand_next(&leader, to);
    for (Job *job; (job = group_take(group)); receive_reports(&leader)) {
        job_train(job, receive_reports, &leader);
        outcome_show_end(group, job);
    }
    for (; group_count(group, JOB_TRAINS) > 0; receive_reports(&leader)) nanosleep(&interval, NULL);
    for (size_t to = 1; to < world.size; to++) world_send(world, to, &none, sizeof none);
}

static void follow(const Group *group, World world) {
    Message message;
    size_t from;
    while (world_receive(world, true, &message.index, sizeof message.index, &from) && message.index < group->n) {
        Job *job = &group->jobs[message.index];
        job_train(job, NULL, NULL);
        message.report = job->report;
        world_send(world, 0, &message, sizeof message);
    }
}

void train_in_world(Group *group, World world) {
    if (world.rank == 0)
        lead(group, world);
    else
        follow(group, world);
}
