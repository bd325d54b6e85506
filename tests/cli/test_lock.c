// One process at a time trains in a run directory; others can read it meanwhile.
#include "cli/run.h"

// Shell words: TRAINS starts a training without end in $R that writes one checkpoint after another, and waits for the
// first one; ENDS kills it.
#define BEGINS "F=$(realpath \"${NOMEN_FAULTY:-build/torture/nomen}\"); C='%s' R='%s'; "
#define TRAINS                                                                                   \
    BEGINS "\"$NOMEN\" train $C --run $R --quiet --set train.checkpoint_every=1 & p=$!; " UNTIL( \
        "[ -f $R/model.safetensors ]")
#define ENDS "s=$?; kill -KILL $p; wait $p 2>/dev/null; exit $s"

static void expect_in_use(Output output, const char *dir) {
    expect_refusal(output, 1, "nomen: %s: another nomen process is using the directory; wait until it ends", dir);
}

START_TEST(a_second_training_is_refused) {
    static const char *const seconds[] = {"train $C --run $R --resume", "train $C --run $R --force",
                                          "train $C --run $R", "calibrate $R"};
    const char *run = scratch("run");
    write_config();
    for (size_t i = 0; i < COUNT(seconds); i++) {
        shell("rm -rf '%s'", run);
        expect_in_use(shell(TRAINS "\"$NOMEN\" %s; " ENDS, scratch("c.json"), run, seconds[i]), run);
    }
    // A training that was killed holds nothing.
    ok(train("run", textf("--resume --quiet --steps %llu", step_of(run) + 100)));
}
END_TEST

START_TEST(a_run_of_a_group_is_locked_too) {
    const char *first = scratch("group/seed-3");
    expect_in_use(shell("\"$NOMEN\" train '%s' --run '%s' --seed 3 --seeds 2 --quiet 2>/dev/null & p=$!; " UNTIL(
                            "[ -f '%s/config.json' ]") "\"$NOMEN\" train '%s' --run '%s' --seed 3 --resume; s=$?; "
                                                       "kill $p; wait $p; exit $s",
                        write_config(), scratch("group"), first, scratch("c.json"), first),
                  first);
}
END_TEST

START_TEST(commands_read_a_run_in_training) {
    Output output =
        shell(TRAINS "for i in $(seq 20); do \"$NOMEN\" eval $R && \"$NOMEN\" info $R && \"$NOMEN\" sample $R -n 3 && "
                     "\"$NOMEN\" plot $R loss --out '%s' || { s=1; break; }; done >/dev/null; [ -z $s ]; " ENDS,
              write_config(), scratch("run"), scratch("plots"));
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
}
END_TEST

START_TEST(of_many_starts_at_once_one_goes_ahead) {
    const char *run = scratch("run");
    write_config();
    const char *line = textf("nomen: %s: another nomen process is using the directory; ", run);
    for (int round = 0; round < 4; round++) {
        Output output = shell("rm -rf '%s'; for i in 1 2 3 4 5 6; do \"$NOMEN\" train '%s' --run '%s' --quiet --force "
                              "--steps 3 & done; wait",
                              run, scratch("c.json"), run);
        size_t n_refused = 0;
        for (char *at = output.err; *at; at = strchr(at, '\n') + 1, n_refused++)
            ck_assert_msg(strncmp(at, line, strlen(line)) == 0, "%s", at);
        ck_assert_uint_lt(n_refused, 6);
        read_model(run, "model.safetensors");
    }
}
END_TEST

// One process makes the directory and waits until $L is gone (torture/faults.c) before it locks it; another trains
// there meanwhile.
START_TEST(a_run_that_was_made_meanwhile_is_kept) {
    const char *run = scratch("run");
    Output output =
        shell(BEGINS "L=$R.late; NOMEN_FAULT=late:$L \"$F\" train $C --run $R --quiet --steps 30 & p=$!; " UNTIL(
                  "[ -e $L ]") "\"$NOMEN\" train $C --run $R --quiet --steps 20; rm $L; wait $p",
              write_config(), run);
    expect_refusal(output, 1,
                   "nomen: %s: a run exists there; --resume continues it, --force replaces it, --run names "
                   "another",
                   run);
    ck_assert_uint_eq(step_of(run), 20);
}
END_TEST

// A training that is held between two checkpoints, as its rows show.
#define HOLDS_RUN                                                                                       \
    HOLDS("\"$NOMEN\" train c.json --run run --set train.log_every=1 --set train.checkpoint_every=500") \
    UNTIL("[ -f run/metrics.csv ] && [ $(wc -l <run/metrics.csv) -gt 510 ]")

// The directory at its path then belongs to another training.
START_TEST(a_training_whose_directory_is_moved_ends) {
    ck_assert_int_eq(train("whole", "--steps 60 --quiet").status, 0);
    Output output = nomen_in_scratch(
        "--version >/dev/null; " HOLDS_RUN
        "mv run run.moved; \"$NOMEN\" train c.json --run run --quiet --steps 60; echo $?; " RELEASES "wait $p");
    ck_assert_str_eq(output.out, "0\n");
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.err, "nomen: run: the directory was moved or removed while it was in use\n");
    expect_same_runs(scratch("run"), scratch("whole"));
    ok(train("run.moved", "--quiet --resume --steps 1000 --set train.eval_every=1"));
}
END_TEST

// Every run that --force removes is locked before the first one goes.
START_TEST(a_group_that_is_refused_has_lost_nothing) {
    const char *group = scratch("group"), *last = scratch("group/seed-9");
    ck_assert_int_eq(train("group", "--seed 7 --seeds 2 --steps 60 --quiet").status, 0);
    expect_in_use(shell(TRAINS "\"$NOMEN\" train $C --run '%s' --quiet --seeds 4 --seed 6 --force; " ENDS,
                        scratch("c.json"), last, group),
                  last);
    ck_assert_uint_eq(step_of(scratch("group/seed-7")), 60);
    ck_assert_uint_eq(step_of(scratch("group/seed-8")), 60);
    ck_assert(!exists(scratch("group/seed-6")));
}
END_TEST

// test_pipes.c has the reader of a single run.
START_TEST(a_reader_that_goes_away_ends_no_group) {
    const char *status = scratch("status");
    Output output = shell("{ \"$NOMEN\" train '%s' --run '%s' --steps 60 --seeds 2; echo $? >'%s'; } | true",
                          write_config(), scratch("run"), status);
    ck_assert_str_eq(output.err, "");
    ck_assert_str_eq(read_text(status, NULL), "0\n");
    ck_assert(exists(scratch("run/seed-2147483647/model.safetensors")));
}
END_TEST

SUITE(cli_lock, NEEDS_NOTHING) {
    ADD(a_second_training_is_refused);
    ADD(a_run_of_a_group_is_locked_too);
    ADD(commands_read_a_run_in_training);
    ADD(of_many_starts_at_once_one_goes_ahead);
    ADD(a_run_that_was_made_meanwhile_is_kept);
    ADD(a_training_whose_directory_is_moved_ends);
    ADD(a_group_that_is_refused_has_lost_nothing);
    ADD(a_reader_that_goes_away_ends_no_group);
}
