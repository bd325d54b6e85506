// What was lost of a run's record is told when the run goes on, and a record that cannot be added to stays as it is.
#include "cli/run.h"

static const char GOES_ON[] = "--resume --steps 4000 --set train.log_every=100 --set train.eval_every=500";

// A finished run of 2,000 steps, with a row each hundred of them.
static const char *make_long_run(void) {
    Output output = train("run", "--steps 2000 --quiet --set train.log_every=100 --set train.eval_every=500");
    ck_assert_msg(output.status == 0, "%s", output.err);
    return scratch("run");
}

START_TEST(rows_that_are_missing_are_told) {
    static const char *const losses[] = {"rm metrics.csv", "echo garbage >metrics.csv", ": >metrics.csv",
                                         "sed -i 2d metrics.csv", "sed -i 18,22d metrics.csv"};
    const char *run = make_long_run();
    for (size_t i = 0; i < COUNT(losses); i++) {
        nomen("--version; rm -rf '%s'; cp -r '%s' '%s'; cd '%s'; %s", scratch("lost"), run, scratch("lost"),
              scratch("lost"), losses[i]);
        Output output = train("lost", GOES_ON);
        char line[2 * PATH_MAX];
        snprintf(line, sizeof line,
                 "nomen: %s/metrics.csv: rows of steps before the checkpoint are missing, or cannot be read; they will "
                 "not come "
                 "again\n",
                 scratch("lost"));
        ck_assert_str_eq(output.err, line);
        ck_assert_int_eq(output.status, 0);
        ck_assert_uint_eq(step_of(scratch("lost")), 4000);
    }
    // Rows further apart, which then lie closer together.
    ck_assert_int_eq(
        train("apart", "--quiet --steps 900 --set train.log_every=1000 --set train.eval_every=5000").status, 0);
    ck_assert_str_eq(train("apart", GOES_ON).err, "");
    ck_assert_str_eq(train("run", GOES_ON).err, "");
    // Each seed's.
    ck_assert_int_eq(train("group", "--seeds 2 --quiet --steps 60 --set train.eval_every=20").status, 0);
    nomen("--version; rm '%s/seed-2147483648/metrics.csv' '%s/seed-2147483648/best.safetensors'", scratch("group"),
          scratch("group"));
    Output output = train("group", "--seeds 2 --resume --steps 80 --set train.eval_every=20");
    ck_assert_msg(
        strstr(output.err, "/group/seed-2147483648/metrics.csv: rows of steps before the checkpoint are missing") &&
            strstr(output.err, "/group/seed-2147483648/best.safetensors: the best model so far is not there"),
        "%s", output.err);
}
END_TEST

// As an editor saves a file. A link to the record is as good as the record.
START_TEST(a_record_that_is_replaced_while_training_ends_it) {
    static const struct {
        const char *every, *wait_for, *change, *told;
    } changes[] = {
        {"500", "model.safetensors", "sed -i 's/^x//' metrics.csv", ""},
        {"500", "model.safetensors", "rm metrics.csv", "metrics.csv: rows of steps before the checkpoint are missing"},
        {"1000000", "metrics.csv", "rm metrics.csv", ""},
    };
    static const char options[] = "--steps 2000 --set train.log_every=1";
    const char *run = scratch("run"), *config = write_config();
    ck_assert_int_eq(train("whole", "--quiet --steps 2000 --set train.log_every=1 --set train.eval_every=1").status, 0);
    for (size_t i = 0; i < COUNT(changes); i++) {
        char words[1024];
        snprintf(words, sizeof words,
                 "--version >/dev/null; rm -rf run; " HOLDS(
                     "\"$NOMEN\" train c.json --run run %s --set train.checkpoint_every=%s")
                     UNTIL("[ -s run/%s ]") "cd run && %s; " RELEASES "wait $p",
                 options, changes[i].every, changes[i].wait_for, changes[i].change);
        expect_refusal(nomen_in_scratch(words), 1,
                       "nomen: run/metrics.csv: it was replaced or removed while training added to it; --resume makes "
                       "the rows since the last checkpoint again");
        Output output = nomen("train '%s' --run '%s' %s --set train.eval_every=1 --resume", config, run, options);
        ck_assert_int_eq(output.status, 0);
        bool is_told = changes[i].told[0] ? strstr(output.err, changes[i].told) != NULL : output.err[0] == '\0';
        ck_assert_msg(is_told, "%s: %s", changes[i].change, output.err);
        expect_same_models(run, scratch("whole"));
        if (!changes[i].told[0]) expect_same_runs(run, scratch("whole"));
    }
    nomen("--version; cd '%s'; mv metrics.csv ../rows.csv; ln -s ../rows.csv metrics.csv", run);
    Output output = nomen("train '%s' --run '%s' --resume --quiet --steps 2100", config, run);
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
}
END_TEST

START_TEST(a_record_that_cannot_be_added_to_keeps_its_rows) {
    const char *plain = without_override("a record that cannot be added to"), *run = make_long_run();
    if (!plain) return;
    Snapshot before = take(run);
    Output output = nomen("--version >/dev/null; chmod 444 '%s/metrics.csv'; %s ${NOMEN:-build/nomen} train '%s' --run "
                          "'%s' --quiet %s",
                          run, plain, scratch("c.json"), run, GOES_ON);
    expect_refusal(output, 1, "nomen: %s/metrics.csv: permission denied", run);
    size_t n;
    const char *metrics = read_text(inside(run, "metrics.csv"), &n);
    ck_assert_uint_eq(n, before.n[1]);
    ck_assert_mem_eq(metrics, before.bytes[1], n);
    ck_assert_str_eq(read_text(inside(run, "config.json"), NULL), before.bytes[0]);
    nomen("--version; rm '%s/metrics.csv'; mkdir '%s/metrics.csv'", run, run);
    expect_refusal(train("run", "--quiet --resume --steps 4000"), 1,
                   "nomen: %s/metrics.csv: expected a file, found a directory", run);
    ck_assert_str_eq(read_text(inside(run, "config.json"), NULL), before.bytes[0]);
}
END_TEST

// The rows differ in length from one time to the next, as their seconds do, and the last may end where the room does.
START_TEST(a_row_that_does_not_fit_leaves_none_of_it) {
    const char *run = make_long_run();
    Output output = nomen("--version >/dev/null; ulimit -f 32; ${NOMEN:-build/nomen} train '%s' --run '%s' --quiet "
                          "--resume --steps 4000 --set train.log_every=1 --set train.eval_every=500",
                          scratch("c.json"), run);
    expect_refusal(output, 1, "nomen: %s/metrics.csv: file too large", run);
    size_t n;
    const char *metrics = read_text(inside(run, "metrics.csv"), &n);
    ck_assert_msg(n > 15000 && n <= 16384 && metrics[n - 1] == '\n', "%zu bytes", n);
}
END_TEST

// The run ends off the evaluations, and so has to look at the best model once more.
START_TEST(a_best_model_that_is_gone_is_told) {
    const char *run = make_long_run();
    ck_assert_int_eq(remove(inside(run, "best.safetensors")), 0);
    char line[2 * PATH_MAX];
    snprintf(line, sizeof line,
             "nomen: %s/best.safetensors: the best model so far is not there any more; the best from now on is kept\n",
             run);
    Output output =
        nomen("train '%s' --run '%s' --resume --steps 2050 --set train.eval_every=100000", scratch("c.json"), run);
    ck_assert_str_eq(output.err, line);
    ck_assert_int_eq(output.status, 0);
    ck_assert(exists(inside(run, "best.safetensors")));
    ck_assert_str_eq(train("run", GOES_ON).err, "");
    ck_assert_int_eq(nomen("eval '%s/best.safetensors'", run).status, 0);
}
END_TEST

SUITE(cli_record, NEEDS_NOTHING) {
    ADD(rows_that_are_missing_are_told);
    ADD(a_record_that_is_replaced_while_training_ends_it);
    ADD(a_record_that_cannot_be_added_to_keeps_its_rows);
    ADD(a_row_that_does_not_fit_leaves_none_of_it);
    ADD(a_best_model_that_is_gone_is_told);
}
