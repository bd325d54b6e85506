// Training runs in children of this process, which report to it through shared memory.
#include "cmd/train/outcome.h"
#include "cmd/train/workers.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

Job *jobs_create(size_t n, Error *err) {
    void *jobs = mmap(NULL, n * sizeof(Job), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jobs == MAP_FAILED) error_system(err, "memory shared with the runs");
    return jobs == MAP_FAILED ? NULL : jobs;
}

static void stop_if_orphaned(void *context) {
    const pid_t *parent = context;
    if (getppid() != *parent) raise(SIGTERM);
}

// Returns true in the child, once its run has ended.
static bool start(Job *job) {
    pid_t parent = getpid();
    fflush(NULL); // both processes would write what is still buffered
    pid_t child = fork();
    if (child == 0) {
        clearerr(stdout); // that the parent could not write is no failure of the run
        job_train(job, stop_if_orphaned, &parent);
        return true;
    }
    job->child = child;
    if (child > 0) return false;
    error_system(&job->report.failure, "a process for a run");
    job->report.state = JOB_FAILED;
    return false;
}

static bool has_ended(Job *job) {
    int status = 0;
    if (job->child <= 0 || waitpid(job->child, &status, WNOHANG) != job->child) return false;
    job->child = 0;
    if (job->report.state != JOB_TRAINS) return true;
    char by[32] = "";
    if (WIFSIGNALED(status)) snprintf(by, sizeof by, " (signal %d)", WTERMSIG(status));
    error_set(&job->report.failure, "its process ended without a report%s; --resume continues it", by);
    job->report.state = JOB_FAILED;
    return true;
}

static void pass_on(const Group *group, int signal) {
    for (size_t i = 0; i < group->n_taken; i++)
        if (group->jobs[i].child > 0) kill(group->jobs[i].child, signal);
}

bool train_in_children(Group *group) {
    static const struct timespec interval = {.tv_nsec = 50000000};
    bool is_passed_on = false;
    for (size_t n_running = 0;;) {
        for (Job *job; n_running < group->n_at_a_time && (job = group_take(group));) {
            if (start(job)) return true;
            if (job->child < 0) outcome_show_end(group, job);
            n_running += job->child > 0;
        }
        if (n_running == 0) return false;
        if (*group->stop && !is_passed_on) pass_on(group, *group->stop);
        is_passed_on = *group->stop != 0;
        nanosleep(&interval, NULL);
        for (Job *job = group->jobs; job < group->jobs + group->n_taken; job++) {
            if (!has_ended(job)) continue;
            n_running--;
            outcome_show_end(group, job);
        }
        outcome_show_progress(group);
    }
}
