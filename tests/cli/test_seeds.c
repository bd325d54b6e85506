// nomen train --seeds through the built program: the runs' bits, existing directories, signals, kills, failures.
#include "cli/run.h"

static const unsigned long long FIRST_SEED = 2147483647;

static const char *seed_run(const char *group, unsigned long long seed) {
    return scratch(textf("%s/seed-%llu", group, seed));
}

// Trains a group, which must succeed; returns what it printed.
static char *train_group(const char *name, const char *options) { return ok(train(name, options)); }

START_TEST(each_run_has_the_bits_of_its_seed_alone) {
    const char *out = train_group("group", "--steps 120 --seeds 3 --seed 5 --threads 2");
    expect_words(out, "seed 6  train ");
    expect_words(out, "over 3 seeds");
    expect_words(out, "next: nomen compare ");
    ck_assert(!exists(seed_run("group", 4)) && !exists(seed_run("group", 8)));
    for (unsigned long long seed = 5; seed < 8; seed++) {
        ck_assert_int_eq(train("alone", textf("--steps 120 --quiet --force --seed %llu", seed)).status, 0);
        expect_same_runs(seed_run("group", seed), scratch("alone"));
        ck_assert_str_eq(read_text(inside(seed_run("group", seed), "config.json"), NULL),
                         read_text(inside(scratch("alone"), "config.json"), NULL));
    }
    ck_assert_str_ne(metrics_of(seed_run("group", 5)), metrics_of(seed_run("group", 6)));
}
END_TEST

START_TEST(an_existing_run_is_kept) {
    const char *run = seed_run("group", FIRST_SEED + 1);
    ck_assert_int_eq(train("group/seed-2147483648", "--steps 60 --quiet --seed 2147483648").status, 0);
    Snapshot before = take(run);
    expect_refusal(train("group", "--steps 60 --seeds 3"), 1,
                   "nomen: %s: a run exists there; --resume continues it, --force replaces it, --run names "
                   "another",
                   run);
    ck_assert(!exists(seed_run("group", FIRST_SEED)));
    expect_refusal(train("group", "--steps 60 --seeds 3 --resume --set train.lr=0.5 --quiet"), 1,
                   "nomen: 1 of 3 runs failed: %s/model.safetensors: train.lr[0][1]: expected 0.1, found "
                   "0.5; --resume=anyway continues regardless",
                   run);
    expect_untouched(run, &before);
}
END_TEST

START_TEST(seeds_that_split_the_names_are_refused) {
    expect_refusal(train("group", "--steps 60 --seeds 2 --set random=microgpt --set data.shuffle_seed=null"), 1,
                   "nomen: %s: random: \"microgpt\" splits the names by the seed, so that runs of several seeds have "
                   "different splits; --seeds needs \"lectures\"",
                   scratch("c.json"));
}
END_TEST

START_TEST(resume_continues_each_run_and_adds_seeds) {
    train_group("group", "--steps 60 --seeds 2");
    char *out = train_group("group", "--steps 60 --seeds 2 --resume");
    expect_words(out, "seed 2147483648  train ");
    // The losses of finished runs are on record.
    char *spread = strstr(out, "\ndev ");
    ck_assert_msg(spread && strstr(spread, ", over 2 seeds, in "), "%s", out);
    spread[1 + strcspn(spread + 1, "\n")] = '\0';
    expect_words(train_group("group", "--steps 60 --seeds 2 --force"), spread);
    out = train_group("group", "--steps 50 --seeds 3 --resume");
    ck_assert_ptr_null(strstr(out, ", over ")); // runs of different lengths have no mean
    train_group("group", "--steps 90 --seeds 3 --resume");
    train_group("whole", "--steps 90 --seeds 3");
    for (size_t i = 0; i < 3; i++) ck_assert_uint_eq(step_of(seed_run("group", FIRST_SEED + i)), 90);
    expect_same_weights(seed_run("group", FIRST_SEED), seed_run("whole", FIRST_SEED));
    // A record that cannot be read leaves no mean, and stays.
    write_text(inside(seed_run("group", FIRST_SEED), "metrics.csv"), "a,b\n1,2\n");
    out = train_group("group", "--steps 90 --seeds 3 --resume");
    expect_words(out, "\nnext: nomen compare ");
    ck_assert_ptr_null(strstr(out, ", over "));
    ck_assert_str_eq(read_text(inside(seed_run("group", FIRST_SEED), "metrics.csv"), NULL), "a,b\n1,2\n");
}
END_TEST

// Files of no run, and runs whose names --seeds does not give, stay.
START_TEST(force_replaces_the_group) {
    train_group("fresh", "--steps 80 --seeds 2 --seed 8");
    train_group("group", "--steps 60 --seeds 4 --seed 8");
    train_group("group", "--steps 60 --seeds 1 --seed 0");
    static const char *const others[] = {"group/mine", "group/seed-007", "group/seed-x"};
    for (size_t i = 0; i < COUNT(others); i++) ck_assert_int_eq(train(others[i], "--steps 5 --quiet").status, 0);
    write_text(inside(seed_run("group", 10), "notes.txt"), "mine");
    train_group("group", "--steps 60 --seeds 1 --seed 8 --resume --quiet");
    ck_assert_uint_eq(step_of(seed_run("group", 9)), 60);
    write_text(inside(seed_run("group", 8), "report.html"), "mine");
    Output output = train("group", "--steps 80 --seeds 2 --seed 8 --force");
    ck_assert_int_eq(output.status, 0);
    expect_words(output.err, textf("nomen: %s: --force removed 3 runs of other seeds\n", scratch("group")));
    expect_same_runs(seed_run("group", 8), seed_run("fresh", 8));
    expect_same_runs(seed_run("group", 9), seed_run("fresh", 9));
    ck_assert(!exists(seed_run("group", 11)) && !exists(seed_run("group", 0)));
    ck_assert(!exists(inside(seed_run("group", 10), "model.safetensors")));
    ck_assert_str_eq(read_text(inside(seed_run("group", 10), "notes.txt"), NULL), "mine");
    for (size_t i = 0; i < COUNT(others); i++) ck_assert(exists(inside(scratch(others[i]), "model.safetensors")));
}
END_TEST

START_TEST(a_group_and_a_run_are_not_mixed) {
    make_run();
    train_group("group", "--steps 5 --seeds 2");
    static const char *const options[] = {"", "--resume", "--force"};
    for (size_t i = 0; i < COUNT(options); i++) {
        expect_refusal(train("run", textf("--steps 5 --seeds 2 %s", options[i])), 1,
                       "nomen: %s: a single run exists there; --run names another", scratch("run"));
        expect_refusal(train("group", textf("--steps 5 %s", options[i])), 1,
                       "nomen: %s: it holds runs, such as those of several seeds; --run names another",
                       scratch("group"));
    }
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    expect_refusal(train("group", "--seeds 1001"), 2,
                   "nomen: --seeds: expected a whole number from 1 to 1000, found \"1001\"; see nomen train --help");
    expect_refusal(train("group", "--seeds 2 --seed 9007199254740991"), 1,
                   "nomen: %s: seed: expected 9007199254740990 or less for 2 seeds, found 9007199254740991",
                   scratch("c.json"));
    expect_refusal(nomen("train configs/bigram-counts.json --seeds 2 --run '%s'", scratch("group")), 1,
                   "nomen: configs/bigram-counts.json: counts do not depend on the seed; --seeds is for networks");
    write_text(scratch("file"), "mine");
    expect_refusal(train("file", "--seeds 2"), 1, "nomen: %s: expected a directory, found a file", scratch("file"));
    ck_assert_int_eq(train("group", "--seeds 2 --set train.batch_size=100000000000").status, 1);
    ck_assert(!exists(scratch("group")));
}
END_TEST

START_TEST(a_failure_ends_only_its_own_run) {
    shell("mkdir -p '%s/model.safetensors.tmp'", seed_run("group", FIRST_SEED + 1));
    Output output = train("group", "--steps 60 --seeds 3");
    expect_refusal((Output){output.status, (char[]){""}, output.err}, 1, "nomen: 1 of 3 runs failed");
    expect_words(output.out, textf("seed 2147483648 failed: %s/model.safetensors.tmp: is a directory\n",
                                   seed_run("group", FIRST_SEED + 1)));
    ck_assert_uint_eq(step_of(seed_run("group", FIRST_SEED)), 60);
    ck_assert_uint_eq(step_of(seed_run("group", FIRST_SEED + 2)), 60);
}
END_TEST

// Starts three runs, two at a time, and does `then` to the process $p once both have rows.
static Output interrupt(const char *then) {
    return shell(
        "\"$NOMEN\" train '%s' --run '%s' --seeds 3 --threads 2 & p=$!; has_rows() { for i in 0 1; do "
        "[ $(cat '%s'/seed-$((%llu + i))/metrics.csv 2>/dev/null | wc -l) -gt 20 ] || return 1; done; }; " UNTIL(
            "has_rows") "%s",
        write_config(), scratch("group"), scratch("group"), FIRST_SEED, then);
}

START_TEST(a_signal_ends_all_with_a_checkpoint) {
    Output output = interrupt("kill -TERM $p; wait $p");
    const char *words =
        textf("train %s/config.json --run %s --seeds 3 --resume", seed_run("group", FIRST_SEED), scratch("group"));
    ck_assert_int_eq(output.status, 143);
    expect_words(output.err, textf("nomen: 3 of 3 runs are not finished; continue with: nomen %s", words));
    ck_assert(!exists(inside(seed_run("group", FIRST_SEED + 2), "model.safetensors")));
    unsigned long long a = step_of(seed_run("group", FIRST_SEED)), b = step_of(seed_run("group", FIRST_SEED + 1));
    ck_assert(a > 0 && b > 0);
    const char *options = textf("--quiet --seeds 3 --steps %llu", (a > b ? a : b) + 123);
    ck_assert_int_eq(nomen("%s %s", words, options).status, 0);
    train_group("whole", options);
    for (size_t k = 0; k < 3; k++)
        expect_same_runs(seed_run("group", FIRST_SEED + k), seed_run("whole", FIRST_SEED + k));
}
END_TEST

// Kills the process of one run and stops those of the others, until $p has ended.
START_TEST(runs_that_are_ended_one_by_one_are_reported) {
    if (!exists("/proc/self/stat")) {
        testing_skipped("runs that end by themselves, which takes /proc to find them");
        return;
    }
    Output output =
        interrupt("s=KILL; while set -- $(cat /proc/$p/stat 2>/dev/null); [ \"${3:-Z}\" != Z ]; do for stat in "
                  "/proc/[0-9]*/stat; do set -- $(cat $stat 2>/dev/null); [ \"$4\" = $p ] && [ \"$3\" != Z ] && "
                  "kill -$s $1 2>/dev/null && s=TERM; done; sleep 0.02; done; wait $p");
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.err, "nomen: 1 of 3 runs failed\n");
    expect_words(output.out, ": its process ended without a report (signal 9); --resume continues it\n");
    expect_words(output.out, " of 5000000000\n"); // "stopped at step N"
}
END_TEST

START_TEST(the_summary_is_of_what_there_is) {
    const char *out = train_group("group", "--steps 40 --seeds 3 --set data.split=[1]");
    expect_words(out, "\ntrain ");
    expect_words(out, ", standard deviation ");
}
END_TEST

// Nobody reads their reports any more: each writes a checkpoint and ends.
START_TEST(runs_end_after_their_parent_was_killed) {
    expect_words(interrupt("kill -KILL $p; wait $p; echo $?").out, "137\n");
    Output output = shell(UNTIL("! \"$NOMEN\" train '%s' --run '%s' --seeds 2 --steps 10 --resume 2>&1 | grep -q 'is "
                                "using the directory'") "echo ended",
                          scratch("c.json"), scratch("group"));
    expect_words(output.out, "ended\n");
    for (size_t i = 0; i < 2; i++) ck_assert_uint_gt(step_of(seed_run("group", FIRST_SEED + i)), 10);
}
END_TEST

SUITE(cli_seeds, NEEDS_NOTHING) {
    ADD(each_run_has_the_bits_of_its_seed_alone);
    ADD(an_existing_run_is_kept);
    ADD(seeds_that_split_the_names_are_refused);
    ADD(resume_continues_each_run_and_adds_seeds);
    ADD(force_replaces_the_group);
    ADD(a_group_and_a_run_are_not_mixed);
    ADD(what_cannot_be_is_refused);
    ADD(a_failure_ends_only_its_own_run);
    ADD(a_signal_ends_all_with_a_checkpoint);
    ADD(runs_that_are_ended_one_by_one_are_reported);
    ADD(the_summary_is_of_what_there_is);
    ADD(runs_end_after_their_parent_was_killed);
}
