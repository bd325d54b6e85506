// A run directory is one process's own while that trains in it, and can be read all the same.
#include "cli/run.h"

// Words of the shell: TRAINS begins a training without end in $R and waits for its first checkpoint, of which it writes
// one after another; ENDS kills it.
#define BEGINS "--version >/dev/null; N=${NOMEN:-build/nomen} F=${NOMEN_FAULTY:-build/torture/nomen}; C='%s' R='%s'; "
#define HAS_CHECKPOINT UNTIL("[ -f $R/model.safetensors ]")
#define TRAINS BEGINS "$N train $C --run $R --quiet --set train.checkpoint_every=1 & p=$!; " HAS_CHECKPOINT
#define ENDS "s=$?; kill -KILL $p; wait $p 2>/dev/null; exit $s"

// Starts a training that makes its directory and then waits until $L is gone before it locks it (torture/faults.c).
#define IS_LATE "L=$R.late; NOMEN_FAULT=late:$L $F "
#define IS_THERE UNTIL("[ -e $L ]")

static void expect_in_use(Output output, const char *dir) {
    expect_refusal(output, 1, "nomen: %s: another nomen process is using the directory; wait until it ends", dir);
}

START_TEST(a_second_training_is_refused) {
    const char *run = scratch("run");
    static const char *const seconds[] = {
        "$N train $C --run $R --resume",
        "$N train $C --run $R --resume=anyway --steps 5",
        "$N train $C --run $R --force",
        "$N train $C --run $R",
        "$N calibrate $R",
    };
    for (size_t i = 0; i < COUNT(seconds); i++) {
        nomen("--version; rm -rf '%s'", run);
        expect_in_use(nomen(TRAINS "%s; " ENDS, write_config(), run, seconds[i]), run);
    }
}
END_TEST

START_TEST(a_training_that_is_killed_gives_the_dir_back) {
    const char *run = scratch("run");
    ck_assert_int_eq(nomen(TRAINS ENDS, write_config(), run).status, 0);
    char options[64];
    snprintf(options, sizeof options, "--resume --quiet --steps %llu", step_of(run) + 100);
    Output output = train("run", options);
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
}
END_TEST

START_TEST(a_run_of_a_group_is_the_groups_own) {
    const char *group = scratch("group"), *first = scratch("group/seed-3");
    const char *config = write_config();
    Output output = nomen(
        "--version >/dev/null; N=${NOMEN:-build/nomen}; $N train '%s' --run '%s' --seed 3 --seeds 2 --quiet & "
        "p=$!; " UNTIL("[ -f '%s/model.safetensors' ]") "$N train '%s' --run '%s' --seed 3 --resume; s=$?; kill $p; "
                                                        "wait $p 2>/dev/null; exit $s",
        config, group, first, config, first);
    ck_assert_msg(strstr(output.err, " is using the directory; ") && output.status == 1, "%d: %s", output.status,
                  output.err);
}
END_TEST

START_TEST(what_reads_a_run_in_training_sees_it_whole) {
    const char *run = scratch("run");
    Output output = nomen(TRAINS "for i in $(seq 30); do $N eval $R && $N info $R && $N sample $R -n 3 && "
                                 "$N plot $R loss --out '%s' || { s=1; break; }; done >/dev/null; [ -z $s ]; " ENDS,
                          write_config(), run, scratch("plots"));
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
}
END_TEST

START_TEST(a_refused_start_leaves_what_it_found) {
    const char *dir = scratch("mine");
    write_config();
    nomen("--version; mkdir '%s'; echo hi > '%s/other'", dir, dir);
    expect_refusal(nomen("train '%s' --run '%s'", scratch("c.json"), dir), 1,
                   "nomen: %s: the directory is not empty and holds no run; --run names another", dir);
    ck_assert_str_eq(read_text(inside(dir, "other"), NULL), "hi\n");
}
END_TEST

START_TEST(of_many_starts_at_once_one_goes_ahead) {
    const char *config = write_config();
    char line[PATH_MAX + 64];
    snprintf(line, sizeof line, "nomen: %s: ", scratch("run"));
    for (int round = 0; round < 12; round++) {
        nomen("--version; rm -rf '%s'", scratch("run"));
        Output output = nomen("--version >/dev/null; N=${NOMEN:-build/nomen}; for i in 1 2 3 4 5 6; do $N train '%s' "
                              "--run '%s' --quiet --force --steps 3 & done; wait",
                              config, scratch("run"));
        size_t n_refused = 0;
        for (char *at = output.err, *next; *at; at = next, n_refused++) {
            next = at + strcspn(at, "\n") + 1;
            next[-1] = '\0';
            ck_assert_msg(strncmp(at, line, strlen(line)) == 0 && strstr(at, " is using the directory; "), "%s", at);
        }
        ck_assert_uint_lt(n_refused, 6);
        read_model(scratch("run"), "model.safetensors");
    }
}
END_TEST

START_TEST(a_run_that_was_made_meanwhile_is_kept) {
    const char *run = scratch("run");
    Output output = nomen(BEGINS IS_LATE "train $C --run $R --quiet --steps 30 & p=$!; " IS_THERE
                                         "$N train $C --run $R --quiet --steps 20; rm $L; wait $p",
                          write_config(), run);
    expect_refusal(output, 1,
                   "nomen: %s: there is a run already; --resume goes on with it, --force replaces it, --run names "
                   "another",
                   run);
    ck_assert_uint_eq(step_of(run), 20);
}
END_TEST

// A training that is done with one checkpoint, as the rows after it show, and is held before it comes to its next: in
// the midst of one are some microseconds in which it would write into what stands there then.
#define HOLDS_RUN                                                                                       \
    HOLDS("\"$NOMEN\" train c.json --run run --set train.log_every=1 --set train.checkpoint_every=500") \
    UNTIL("[ -f run/metrics.csv ] && [ $(wc -l <run/metrics.csv) -gt 510 ]")

// What then stands at its place is another's, and so is the lock there.
START_TEST(a_training_whose_dir_is_moved_ends) {
    static const char *const moves[] = {"mv run run.moved", "rm -r run"};
    ck_assert_int_eq(train("whole", "--steps 60 --quiet").status, 0);
    for (size_t i = 0; i < COUNT(moves); i++) {
        char words[1024];
        snprintf(words, sizeof words,
                 "--version >/dev/null; rm -rf run; " HOLDS_RUN
                 "%s; \"$NOMEN\" train c.json --run run --quiet --steps 60; echo $?; " RELEASES "wait $p",
                 moves[i]);
        Output output = nomen_in_scratch(words);
        ck_assert_str_eq(output.out, "0\n");
        ck_assert_int_eq(output.status, 1);
        ck_assert_str_eq(output.err, "nomen: run: the directory was moved or removed while it was in use\n");
        expect_same_runs(scratch("run"), scratch("whole"));
    }
    Output output = train("run.moved", "--quiet --resume --steps 1000 --set train.eval_every=1");
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
}
END_TEST

// Its end takes no other's lock away.
START_TEST(an_end_leaves_the_lock_of_another) {
    write_config();
    Output output = nomen_in_scratch(
        "--version >/dev/null; " HOLDS_RUN
        "mv run run.moved; \"$NOMEN\" train c.json --run run --quiet & q=$!; " UNTIL("[ -f run/model.safetensors ]")
            RELEASES "wait $p; \"$NOMEN\" train c.json --run run --force; s=$?; kill -KILL $q; wait; exit $s");
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(output.err, " is using the directory; wait until it ends\n"));
}
END_TEST

// What --force would take away is locked, every run of it, before any is removed; and so is the group itself.
START_TEST(a_group_that_is_refused_has_lost_nothing) {
    static const char *const seconds[] = {"--seeds 1 --seed 20 --force", "--seeds 4 --seed 6 --force"};
    const char *group = scratch("group");
    write_config();
    ck_assert_int_eq(
        nomen("train '%s' --run '%s' --seed 7 --seeds 2 --steps 60 --quiet", scratch("c.json"), group).status, 0);
    for (size_t i = 0; i < COUNT(seconds); i++) {
        Output output = nomen(TRAINS "$N train $C --run '%s' --quiet %s; " ENDS, scratch("c.json"),
                              scratch("group/seed-9"), group, seconds[i]);
        expect_in_use(output, scratch("group/seed-9"));
        nomen("--version; rm -r '%s'", scratch("group/seed-9"));
        ck_assert_uint_eq(step_of(scratch("group/seed-7")), 60);
        ck_assert_uint_eq(step_of(scratch("group/seed-8")), 60);
        ck_assert(!exists(scratch("group/seed-20")) && !exists(scratch("group/seed-6")));
    }
}
END_TEST

// Where the model file is a link, the run's own directory is locked, not that of its file alone.
START_TEST(a_linked_model_is_calibrated_by_one) {
    const char *run = make_run();
    nomen("--version; mkdir '%s'; mv '%s/model.safetensors' '%s'; ln -s ../big/model.safetensors '%s'", scratch("big"),
          run, scratch("big"), run);
    Output output =
        nomen("--version >/dev/null; N=${NOMEN:-build/nomen}; $N train '%s' --run '%s' --quiet --resume "
              "--steps 5000000000 & p=$!; " UNTIL("grep -qs 5000000000 '%s/config.json'") "$N calibrate '%s'; " ENDS,
              scratch("c.json"), run, run, run);
    ck_assert_int_eq(output.status, 1);
    ck_assert_msg(strstr(output.err, " is using the directory; wait until it ends\n"), "%s", output.err);
}
END_TEST

START_TEST(a_reader_that_is_gone_at_the_start_ends_no_training) {
    const char *config = write_config();
    static const char *const options[] = {"", "--seeds 2"};
    for (size_t i = 0; i < COUNT(options); i++) {
        nomen("--version; rm -rf '%s'", scratch("run"));
        Output output = nomen("--version >/dev/null; { ${NOMEN:-build/nomen} train '%s' --run '%s' --steps 60 %s; "
                              "echo $? >'%s'; } | true",
                              config, scratch("run"), options[i], scratch("status"));
        ck_assert_str_eq(output.err, "");
        ck_assert_str_eq(read_text(scratch("status"), NULL), "0\n");
        ck_assert(exists(inside(scratch("run"), i == 0 ? "model.safetensors" : "seed-2147483647/model.safetensors")));
    }
}
END_TEST

SUITE(cli_lock, NEEDS_NOTHING) {
    ADD(a_second_training_is_refused);
    ADD(a_training_that_is_killed_gives_the_dir_back);
    ADD(a_run_of_a_group_is_the_groups_own);
    ADD(what_reads_a_run_in_training_sees_it_whole);
    ADD(a_refused_start_leaves_what_it_found);
    ADD(of_many_starts_at_once_one_goes_ahead);
    ADD(a_run_that_was_made_meanwhile_is_kept);
    ADD(a_training_whose_dir_is_moved_ends);
    ADD(an_end_leaves_the_lock_of_another);
    ADD(a_group_that_is_refused_has_lost_nothing);
    ADD(a_linked_model_is_calibrated_by_one);
    ADD(a_reader_that_is_gone_at_the_start_ends_no_training);
}
