// nomen train --seeds through the built program: the runs' bits, directories that are there, signals, kills, failures.
#include "cli/run.h"

static const unsigned long long FIRST_SEED = 2147483647;

static const char *seed_run(const char *group, unsigned long long seed) {
    static char path[4][PATH_MAX];
    static size_t turn;
    turn = (turn + 1) % COUNT(path);
    snprintf(path[turn], sizeof path[turn], "%s/seed-%llu", scratch(group), seed);
    return path[turn];
}

static const char *make_group(const char *name, const char *options) {
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet %s", write_config(), scratch(name), options).status, 0);
    return scratch(name);
}

static void expect_words(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words), "\"%s\" stands not in:\n%s", words, text);
}

START_TEST(each_run_has_the_bits_of_its_seed_alone) {
    Output output = train("group", "--steps 120 --seeds 3 --seed 5 --threads 2");
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    expect_words(output.out, "seed 6  train ");
    expect_words(output.out, "over 3 seeds");
    expect_words(output.out, "next: nomen compare ");
    ck_assert(!exists(seed_run("group", 4)) && !exists(seed_run("group", 8)));
    for (unsigned long long seed = 5; seed < 8; seed++) {
        char options[64];
        snprintf(options, sizeof options, "--steps 120 --quiet --force --seed %llu", seed);
        ck_assert_int_eq(train("alone", options).status, 0);
        expect_same_runs(seed_run("group", seed), scratch("alone"));
        ck_assert_str_eq(read_text(inside(seed_run("group", seed), "config.json"), NULL),
                         read_text(inside(scratch("alone"), "config.json"), NULL));
    }
}
END_TEST

START_TEST(seeds_lead_to_different_weights) {
    make_group("group", "--steps 60 --seeds 2");
    ck_assert_str_ne(metrics_of(seed_run("group", FIRST_SEED)), metrics_of(seed_run("group", FIRST_SEED + 1)));
}
END_TEST

START_TEST(one_dir_that_is_there_keeps_all_from_beginning) {
    ck_assert_int_eq(train("group/seed-2147483648", "--steps 60 --quiet --seed 2147483648").status, 0);
    Snapshot before = take(seed_run("group", FIRST_SEED + 1));
    expect_refusal(train("group", "--steps 60 --seeds 3"), 1,
                   "nomen: %s: there is a run already; --resume goes on with it, --force replaces it, --run names "
                   "another",
                   seed_run("group", FIRST_SEED + 1));
    ck_assert(!exists(seed_run("group", FIRST_SEED)));
    expect_refusal(train("group", "--steps 60 --seeds 3 --resume --set train.lr=0.5 --quiet"), 1,
                   "nomen: 1 of 3 runs failed: %s/model.safetensors: train.lr[0][1]: the run has 0.1, the config says "
                   "0.5; --resume=anyway goes on all the same",
                   seed_run("group", FIRST_SEED + 1));
    expect_untouched(seed_run("group", FIRST_SEED + 1), &before);
}
END_TEST

START_TEST(resume_goes_on_where_each_stands_and_adds_seeds) {
    make_group("group", "--steps 60 --seeds 2");
    Output output = train("group", "--steps 60 --seeds 2 --resume");
    ck_assert_int_eq(output.status, 0);
    expect_words(output.out, "seed 2147483648 is finished at step 60 of 60\n");
    // Their losses are on record, so that those of all are there.
    char *spread = strstr(output.out, "\ndev ");
    ck_assert_msg(spread && strstr(spread, ", over 2 seeds, in "), "%s", output.out);
    spread[1 + strcspn(spread + 1, "\n")] = '\0';
    output = train("group", "--steps 60 --seeds 2 --force");
    expect_words(output.out, spread);
    output = train("group", "--steps 50 --seeds 3 --resume");
    ck_assert_int_eq(output.status, 0);
    expect_words(output.out, "seed 2147483648 is finished at step 60\n");
    ck_assert_ptr_null(strstr(output.out, ", over ")); // of runs of other lengths there is no mean
    ck_assert_int_eq(train("group", "--steps 60 --seeds 2 --quiet --force").status, 0);
    ck_assert_int_eq(train("group", "--steps 90 --seeds 3 --resume --quiet").status, 0);
    make_group("whole", "--steps 90 --seeds 3");
    for (size_t i = 0; i < 3; i++) ck_assert_uint_eq(step_of(seed_run("group", FIRST_SEED + i)), 90);
    // The first two have a row more, from their end at step 60.
    expect_same_runs(seed_run("group", FIRST_SEED + 2), seed_run("whole", FIRST_SEED + 2));
    SafeTensors a = read_model(seed_run("group", FIRST_SEED), "model.safetensors"),
                b = read_model(seed_run("whole", FIRST_SEED), "model.safetensors");
    const FileTensor *x = safetensors_find(&a, "layers.4.weight"), *y = safetensors_find(&b, "layers.4.weight");
    ck_assert(x && y);
    ck_assert_mem_eq(x->data, y->data, 4 * file_tensor_count(x));
}
END_TEST

START_TEST(force_replaces_all) {
    make_group("group", "--steps 60 --seeds 2");
    make_group("group", "--steps 80 --seeds 2 --force");
    make_group("fresh", "--steps 80 --seeds 2");
    expect_same_runs(seed_run("group", FIRST_SEED + 1), seed_run("fresh", FIRST_SEED + 1));
}
END_TEST

// Files that belong to no run stay, and so do runs that --seeds would not have named so.
START_TEST(force_replaces_runs_of_other_seeds_too) {
    make_group("group", "--steps 60 --seeds 4 --seed 8");
    ck_assert_int_eq(train("group/mine", "--steps 5 --quiet").status, 0);
    ck_assert_int_eq(train("group/seed-007", "--steps 5 --quiet").status, 0);
    write_text(inside(seed_run("group", 10), "notes.txt"), "mine");
    Output output = train("group", "--steps 60 --seeds 2 --seed 8 --force");
    ck_assert_int_eq(output.status, 0);
    expect_words(output.out, "\n2 runs of other seeds removed, as --force replaces the group\n");
    ck_assert_uint_eq(step_of(seed_run("group", 8)), 60);
    ck_assert_uint_eq(step_of(seed_run("group", 9)), 60);
    ck_assert(!exists(seed_run("group", 11)));
    ck_assert(!exists(inside(seed_run("group", 10), "config.json")));
    ck_assert(!exists(inside(seed_run("group", 10), "model.safetensors")));
    ck_assert_str_eq(read_text(inside(seed_run("group", 10), "notes.txt"), NULL), "mine");
    ck_assert(exists(scratch("group/mine/model.safetensors")) && exists(scratch("group/seed-007/model.safetensors")));
    // Without --force nothing is removed.
    ck_assert_int_eq(train("group", "--steps 60 --seeds 1 --seed 8 --resume --quiet").status, 0);
    ck_assert_uint_eq(step_of(seed_run("group", 9)), 60);
}
END_TEST

START_TEST(seed_0_is_a_seed_like_any_other) {
    make_group("group", "--steps 5 --seeds 2 --seed 0");
    ck_assert_int_eq(train("group/seed-x", "--steps 5 --quiet").status, 0);
    Output output = train("group", "--steps 5 --seeds 1 --seed 1 --force");
    expect_words(output.out, "\n1 run of other seeds removed, as --force replaces the group\n");
    ck_assert(!exists(seed_run("group", 0)));
    ck_assert(exists(scratch("group/seed-x/model.safetensors")) && exists(seed_run("group", 1)));
}
END_TEST

START_TEST(a_group_and_a_run_are_not_mixed) {
    const char *run = make_run();
    expect_refusal(train("run", "--steps 5 --seeds 2 --resume"), 1,
                   "nomen: %s: there is a run already, and none of several seeds; --run names another", run);
    expect_refusal(train("run", "--steps 5 --seeds 2 --force"), 1,
                   "nomen: %s: there is a run already, and none of several seeds; --run names another", run);
    make_group("group", "--steps 5 --seeds 2");
    static const char *const options[] = {"--steps 5", "--steps 5 --resume", "--steps 5 --force"};
    for (size_t i = 0; i < COUNT(options); i++)
        expect_refusal(train("group", options[i]), 1,
                       "nomen: %s: the directory is not empty and holds no run; --run names another", scratch("group"));
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    static const char *const numbers[] = {"0", "-1", "1001", "1e9", "three", "''"};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        char options[64];
        snprintf(options, sizeof options, "--seeds %s", numbers[i]);
        expect_refusal(train("group", options), 2,
                       "nomen: --seeds: expected a whole number from 1 to 1000, found \"%s\"; see nomen train --help",
                       strcmp(numbers[i], "''") == 0 ? "" : numbers[i]);
    }
    expect_refusal(train("group", "--seeds 2 --seed 9007199254740991"), 1,
                   "nomen: %s: seed: 9007199254740991 and 1 after it go beyond 9007199254740991", scratch("c.json"));
    expect_refusal(nomen("train configs/bigram-counts.json --seeds 2 --run '%s'", scratch("group")), 1,
                   "nomen: configs/bigram-counts.json: counts draw nothing, so that every seed gives the same; "
                   "--seeds is for networks");
    write_text(scratch("file"), "mine");
    expect_refusal(train("file", "--seeds 2"), 1, "nomen: %s: expected a directory, found a file", scratch("file"));
    ck_assert(!exists(scratch("group")));
}
END_TEST

// The second run cannot write its checkpoint, as a directory stands where it would.
START_TEST(one_that_fails_is_told_and_the_others_finish) {
    ck_assert_int_eq(
        nomen("--version && mkdir -p '%s/model.safetensors.tmp'", seed_run("group", FIRST_SEED + 1)).status, 0);
    Output output = train("group", "--steps 60 --seeds 3 --force");
    ck_assert_int_eq(output.status, 1);
    char expected[2 * PATH_MAX];
    snprintf(expected, sizeof expected, "nomen: 1 of 3 runs failed: %s/model.safetensors: is a directory\n",
             seed_run("group", FIRST_SEED + 1));
    ck_assert_str_eq(output.err, expected);
    expect_words(output.out, "seed 2147483648 failed\n");
    ck_assert_uint_eq(step_of(seed_run("group", FIRST_SEED)), 60);
    ck_assert_uint_eq(step_of(seed_run("group", FIRST_SEED + 2)), 60);
}
END_TEST

// Starts runs, and does `then` to the process $p once the first n of them have rows.
static Output interrupt_runs(const char *options, size_t n, const char *then) {
    return nomen("train '%s' --run '%s' %s & p=$!; has_rows() { for i in $(seq 0 %zu); do [ \"$(cat "
                 "'%s'/seed-$((%llu + i))/metrics.csv 2>/dev/null | wc -l)\" -gt 20 ] || return 1; done; }; " UNTIL(
                     "has_rows") "%s",
                 write_config(), scratch("group"), options, n - 1, scratch("group"), FIRST_SEED, then);
}

// Three of them, two at a time.
static Output interrupt(const char *then) { return interrupt_runs("--seeds 3 --threads 2 --quiet", 2, then); }

// As the advice says, for some steps more than any run has made; then all are as if never interrupted.
static void expect_goes_on(const char *group, const char *words) {
    unsigned long long a = step_of(seed_run(group, FIRST_SEED)), b = step_of(seed_run(group, FIRST_SEED + 1));
    char options[64];
    ck_assert(a > 0 && b > 0);
    snprintf(options, sizeof options, "--steps %llu --seeds 3", (a > b ? a : b) + 123);
    ck_assert_int_eq(nomen("%s --quiet %s", words, options).status, 0);
    make_group("whole", options);
    for (size_t i = 0; i < 3; i++) expect_same_runs(seed_run(group, FIRST_SEED + i), seed_run("whole", FIRST_SEED + i));
}

static void expect_signal_ends(const char *signal, int status) {
    char then[64], words[3 * PATH_MAX];
    snprintf(then, sizeof then, "kill -%s $p; wait $p", signal);
    Output output = interrupt(then);
    snprintf(words, sizeof words, "train %s/config.json --run %s --seeds 3 --resume", seed_run("group", FIRST_SEED),
             scratch("group"));
    expect_refusal(output, status, "nomen: stopped; go on with: nomen %s", words);
    ck_assert(!exists(inside(seed_run("group", FIRST_SEED + 2), "model.safetensors")));
    expect_goes_on("group", words);
}

START_TEST(sigterm_ends_all_so_that_they_can_go_on) { expect_signal_ends("TERM", 143); }
END_TEST

START_TEST(sigint_ends_all_so_that_they_can_go_on) { expect_signal_ends("INT", 130); }
END_TEST

// What sends a signal to the first process of a run that is met, and another to every later one, until $p has ended.
static const char *end_each_run(const char *first, const char *others) {
    static char then[512];
    snprintf(then, sizeof then,
             "s=%s; while set -- $(cat /proc/$p/stat 2>/dev/null); [ \"${3:-Z}\" != Z ]; do for stat in "
             "/proc/[0-9]*/stat; do set -- $(cat $stat 2>/dev/null); [ \"$4\" = $p ] && [ \"$3\" != Z ] && "
             "kill -$s $1 2>/dev/null && s=%s; done; sleep 0.02; done; wait $p",
             first, others);
    return then;
}

static bool has_proc(void) {
    if (!exists("/proc/self/stat")) testing_skipped("runs that end by themselves, which takes /proc to find them");
    return exists("/proc/self/stat");
}

START_TEST(runs_whose_processes_were_killed_are_told) {
    if (!has_proc()) return;
    static const char why[] = "its process ended without a report (signal 9); --resume goes on with it";
    expect_refusal(interrupt(end_each_run("KILL", "KILL")), 1, "nomen: 3 of 3 runs failed: %s: %s",
                   seed_run("group", FIRST_SEED), why);
    // Of a single run there is nothing to count.
    expect_refusal(interrupt_runs("--seeds 1 --force --quiet", 1, end_each_run("KILL", "KILL")), 1, "nomen: %s: %s",
                   seed_run("group", FIRST_SEED), why);
}
END_TEST

static void expect_stopped(const char *options, const char *words) {
    char config[PATH_MAX], all[64];
    Output output = interrupt_runs(options, 1, end_each_run("TERM", "TERM"));
    snprintf(config, sizeof config, "%s/config.json", seed_run("group", FIRST_SEED));
    snprintf(all, sizeof all, "--seeds %c --resume", words[0]);
    expect_refusal(output, 1, "nomen: %s stopped; go on with: nomen train %s --run %s %s", words, config,
                   scratch("group"), all);
}

START_TEST(runs_that_were_stopped_by_themselves_are_told) {
    if (!has_proc()) return;
    expect_stopped("--seeds 3 --threads 2 --quiet", "3 of 3 runs");
    expect_stopped("--seeds 1 --force --quiet", "1 of 1 runs");
}
END_TEST

// The failure is what the others' end leads to; each run has its line.
START_TEST(runs_that_fail_beside_runs_that_stop_are_told) {
    if (!has_proc()) return;
    Output output = interrupt_runs("--seeds 3 --threads 2", 2, end_each_run("KILL", "TERM"));
    ck_assert_int_eq(output.status, 1);
    expect_words(output.err, "nomen: 1 of 3 runs failed: ");
    expect_words(output.err, ": its process ended without a report (signal 9); --resume goes on with it\n");
    expect_words(output.out, " failed\n");
    unsigned long long seed, step, steps;
    const char *stopped = strstr(output.out, " stopped at step ");
    ck_assert_msg(stopped != NULL, "%s", output.out);
    while (stopped[-1] != '\n') stopped--;
    ck_assert_int_eq(sscanf(stopped, "seed %llu stopped at step %llu of %llu\n", &seed, &step, &steps), 3);
    ck_assert(step == step_of(seed_run("group", seed)) && steps == 5000000000);
}
END_TEST

// What it came to cannot be read any more, so that there is no mean; the run is there all the same.
START_TEST(a_finished_run_whose_record_is_damaged_is_left_alone) {
    make_group("group", "--steps 60 --seeds 2");
    const char *metrics = inside(seed_run("group", FIRST_SEED), "metrics.csv");
    write_text(metrics, "a,b\n1,2\n");
    Output output = train("group", "--steps 60 --seeds 2 --resume");
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    expect_words(output.out, "seed 2147483647 is finished at step 60 of 60\n");
    expect_words(output.out, "\nnext: nomen compare ");
    ck_assert_ptr_null(strstr(output.out, ", over "));
    ck_assert_str_eq(read_text(metrics, NULL), "a,b\n1,2\n");
}
END_TEST

START_TEST(the_summary_is_of_what_there_is) {
    Output output = train("group", "--steps 40 --seeds 3 --set data.split=[1]");
    expect_words(output.out, "\ntrain ");
    expect_words(output.out, ", standard deviation ");
    output = train("group", "--steps 40 --seeds 2 --force");
    expect_words(output.out, "1 run of other seeds removed, as --force replaces the group\n");
    expect_words(output.out, "\ndev ");
    static const char stops[] = "--steps 200 --seeds 2 --set train.lr=0 --set train.early_stop.patience=1 --force";
    output = train("still", stops);
    expect_words(output.out, "seed 2147483647  train ");
    output = train("still", "--steps 200 --seeds 2 --set train.lr=0 --set train.early_stop.patience=1 --resume");
    expect_words(output.out, " is finished at step 100 of 200, by early stop\n");
}
END_TEST

// Nobody reads their reports any more: each writes a checkpoint and ends.
START_TEST(runs_end_after_their_parent_was_killed) {
    Output output = interrupt("kill -KILL $p; wait $p; echo $?");
    expect_words(output.out, "137\n");
    // Those that are at work still hold their directories.
    output =
        nomen("--version; " UNTIL("! ${NOMEN:-build/nomen} train '%s' --run '%s' --seeds 2 --steps 10 --resume 2>&1 "
                                  "| grep -q 'is using the directory'") "echo ended",
              scratch("c.json"), scratch("group"));
    expect_words(output.out, "ended\n");
    for (size_t i = 0; i < 2; i++) ck_assert_uint_gt(step_of(seed_run("group", FIRST_SEED + i)), 10);
}
END_TEST

SUITE(cli_seeds, NEEDS_NOTHING) {
    ADD(each_run_has_the_bits_of_its_seed_alone);
    ADD(seeds_lead_to_different_weights);
    ADD(one_dir_that_is_there_keeps_all_from_beginning);
    ADD(resume_goes_on_where_each_stands_and_adds_seeds);
    ADD(force_replaces_all);
    ADD(force_replaces_runs_of_other_seeds_too);
    ADD(seed_0_is_a_seed_like_any_other);
    ADD(a_group_and_a_run_are_not_mixed);
    ADD(what_cannot_be_is_refused);
    ADD(one_that_fails_is_told_and_the_others_finish);
    ADD(sigterm_ends_all_so_that_they_can_go_on);
    ADD(sigint_ends_all_so_that_they_can_go_on);
    ADD(runs_whose_processes_were_killed_are_told);
    ADD(runs_that_were_stopped_by_themselves_are_told);
    ADD(runs_that_fail_beside_runs_that_stop_are_told);
    ADD(a_finished_run_whose_record_is_damaged_is_left_alone);
    ADD(the_summary_is_of_what_there_is);
    ADD(runs_end_after_their_parent_was_killed);
}
