// A run killed at any change of a file and gone on with to other steps: its rows, its model and its best one are those
// of a run which was never killed, and never a model that the run as it went on has not come by.
#include "cli/run.h"

#include "train/best.h"

#include <math.h>

enum { PART_STEPS = 22, STEPS = 40 };

// Each evaluation finds a better model, by default several of them behind each checkpoint.
static unsigned eval_every = 4;

static const char *options(void) {
    static char words[256];
    snprintf(words, sizeof words,
             "--quiet --set train.lr=0.3 --set train.checkpoint_every=11 --set train.eval_every=%u "
             "--set train.log_every=100 --set 'data.split=[0.7,0.2,0.1]'",
             eval_every);
    return words;
}

static void expect_trains(const char *run, unsigned long long steps, const char *more) {
    Output output = nomen("train '%s' --run '%s' %s --steps %llu %s", scratch("c.json"), run, options(), steps, more);
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s: %s", more, output.err);
}

// Trains on in `run` to STEPS, killed instead of the n-th change of a file; false where there are fewer.
static bool is_killed(const char *run, unsigned long n) {
    const char *program = getenv("NOMEN_FAULTY");
    Output output =
        nomen("--version >/dev/null; NOMEN_FAULT=kill:%lu '%s' train '%s' --run '%s' %s --steps %d --resume", n,
              program ? program : "build/torture/nomen", scratch("c.json"), run, options(), STEPS);
    ck_assert_msg(output.status == 0 || output.status == 128 + 9, "%s", output.err);
    return output.status != 0;
}

// A run of so many steps which nothing has disturbed.
static const char *straight(unsigned long long steps) {
    char name[32];
    snprintf(name, sizeof name, "straight-%llu", steps);
    if (!exists(scratch(name))) expect_trains(scratch(name), steps, "");
    return scratch(name);
}

// Kills at every change behind `begin`, words of the shell that make the directory, and goes on to `steps` from a
// checkpoint of that step, to one more than the checkpoint's from any other.
static void expect_straight_best(const char *begin, unsigned long long steps) {
    const char *run = scratch("run");
    for (unsigned long n = 1;; n++) {
        nomen("--version; rm -rf '%s'; %s", run, begin);
        if (!is_killed(run, n)) return;
        unsigned long long at = exists(inside(run, "model.safetensors")) ? step_of(run) : 0;
        unsigned long long wanted = at > 0 && at == steps ? steps : at + 1;
        expect_trains(run, wanted, "--resume");
        expect_same_runs(run, straight(wanted));
        ck_assert_msg(!exists(inside(run, "best.safetensors.old")), "change %lu", n);
    }
}

START_TEST(killed_at_any_change_it_keeps_no_best_of_a_future_it_never_had) {
    write_config();
    expect_straight_best("true", 0);
}
END_TEST

// The part ends off the evaluations, so that training on puts back what its last measurement displaced.
START_TEST(trained_longer_and_killed_it_is_still_the_shorter_run) {
    char begin[3 * PATH_MAX];
    write_config();
    snprintf(begin, sizeof begin, "cp -r '%s' '%s'", straight(PART_STEPS), scratch("run"));
    expect_straight_best(begin, PART_STEPS);
    // The same in a group.
    nomen("--version; rm -rf '%s' && mkdir '%s' && cp -r '%s' '%s/seed-2147483647'", scratch("run"), scratch("group"),
          straight(PART_STEPS), scratch("group"));
    const char *run = scratch("group/seed-2147483647");
    for (unsigned long n = 1; is_killed(run, n) && step_of(run) == PART_STEPS; n++) {
        Output output = nomen("train '%s' --run '%s' %s --steps %d --resume --seeds 1", scratch("c.json"),
                              scratch("group"), options(), PART_STEPS);
        ck_assert_msg(output.status == 0, "%s", output.err);
        expect_same_runs(run, straight(PART_STEPS));
    }
}
END_TEST

// Its last row has no loss of a minibatch, where that of the longer run at the same step has one.
START_TEST(killed_where_a_shorter_run_ends_it_still_gets_its_last_row) {
    eval_every = 11;
    write_config();
    expect_straight_best("true", PART_STEPS);
}
END_TEST

// Whatever was called the best until then is of a training that the checkpoint does not know of.
START_TEST(a_checkpoint_that_knows_of_no_best_leaves_none) {
    Arena arena = {0};
    RunDir dir;
    Error err;
    bool is_there;
    ck_assert(run_dir(&dir, make_run(), &arena, &err));
    nomen("--version; cp '%s' '%s'", dir.best, dir.best_before);
    ck_assert_msg(best_is_there(&dir, INFINITY, &is_there, &err) && is_there, "%s", err.text);
    ck_assert_msg(best_settle(&dir, INFINITY, &err), "%s", err.text);
    ck_assert(!exists(dir.best) && !exists(dir.best_before));
    ck_assert_msg(best_settle(&dir, INFINITY, &err), "%s", err.text);
    arena_free(&arena);
}
END_TEST

SUITE(cli_best, NEEDS_NOTHING) {
    ADD(killed_at_any_change_it_keeps_no_best_of_a_future_it_never_had);
    ADD(trained_longer_and_killed_it_is_still_the_shorter_run);
    ADD(killed_where_a_shorter_run_ends_it_still_gets_its_last_row);
    ADD(a_checkpoint_that_knows_of_no_best_leaves_none);
}
