// Runs through the built program: directories that are there, going on, signals and kills.
#include "cli/run.h"

#include <signal.h>

#include <unistd.h>

START_TEST(keeps_a_run_that_is_there) {
    const char *run = make_run();
    Snapshot before = take(run);
    expect_refusal(train("run", "--steps 5"), 1,
                   "nomen: %s: there is a run already; --resume goes on with it, --force replaces it, --run names "
                   "another",
                   run);
    expect_untouched(run, &before);
    expect_refusal(train("run", "--force --set train.stps=5"), 1,
                   "nomen: %s: train.stps: unknown key; did you mean \"steps\"?", scratch("c.json"));
    expect_refusal(train("run", "--force --data /nowhere/names.txt"), 1,
                   "nomen: /nowhere/names.txt: no such file or directory");
    expect_untouched(run, &before);
    write_text(scratch("file"), "mine");
    expect_refusal(train("file", "--force --steps 5"), 1, "nomen: %s: expected a directory, found a file",
                   scratch("file"));
    ck_assert_str_eq(read_text(scratch("file"), NULL), "mine");
}
END_TEST

// A directory that cannot be looked at is neither a file nor in use.
START_TEST(a_dir_that_cannot_be_looked_at_has_the_systems_reason) {
    char name[301];
    write_config();
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    static const char *const options[] = {"--steps 5", "--steps 5 --force", "--steps 5 --seeds 2"};
    for (size_t i = 0; i < COUNT(options); i++)
        expect_refusal(train(name, options[i]), 1, "nomen: %s: file name too long", scratch(name));
}
END_TEST

START_TEST(force_begins_anew) {
    const char *run = make_run();
    write_text(inside(run, "notes.txt"), "mine");
    write_text(inside(run, "report.html"), "of the former run, or anyone's");
    ck_assert_int_eq(train("run", "--steps 60 --seed 2 --force").status, 0);
    ck_assert_int_eq(train("fresh", "--steps 60 --seed 2").status, 0);
    expect_same_runs(run, scratch("fresh"));
    ck_assert(exists(inside(run, "notes.txt")));
    ck_assert_str_eq(read_text(inside(run, "report.html"), NULL), "of the former run, or anyone's");
}
END_TEST

START_TEST(resume_begins_where_there_is_nothing_yet) {
    ck_assert_int_eq(train("new", "--steps 60 --resume").status, 0);
    ck_assert_int_eq(train("whole", "--steps 60").status, 0);
    expect_same_runs(scratch("new"), scratch("whole"));
}
END_TEST

// A run killed while its config.json was being written leaves only the temporary file.
START_TEST(resume_begins_where_a_start_was_cut_off) {
    ck_assert_int_eq(nomen("--version && mkdir '%s'", scratch("cut")).status, 0);
    write_text(scratch("cut/config.json.tmp"), "{\n\t\"na");
    Output output = train("cut", "--steps 60 --quiet --resume");
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}
END_TEST

START_TEST(resume_takes_no_dir_that_is_no_run) {
    ck_assert_int_eq(nomen("--version && mkdir '%s'", scratch("other")).status, 0);
    write_text(scratch("other/thesis.tex"), "mine");
    Output output = train("other", "--steps 60 --resume");
    ck_assert_int_eq(output.status, 1);
    ck_assert_msg(!strstr(output.err, "--resume goes on"), "it was given, and does not: %s", output.err);
    ck_assert(!exists(scratch("other/config.json")));
}
END_TEST

START_TEST(resume_on_a_finished_run_says_so) {
    const char *run = make_run();
    Snapshot before = take(run);
    Output output = train("run", "--steps 100 --resume");
    char expected[PATH_MAX];
    snprintf(expected, sizeof expected, "%s is finished: step 100 of 100; --steps N trains longer\n", run);
    ck_assert_str_eq(output.out, expected);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    expect_untouched(run, &before);
    snprintf(expected, sizeof expected, "%s is finished: step 100; --steps N trains longer\n", run);
    ck_assert_str_eq(train("run", "--resume --steps 50").out, expected);
}
END_TEST

START_TEST(counts_that_are_finished_offer_no_more_steps) {
    const char *run = scratch("counts");
    ck_assert_int_eq(nomen("train configs/bigram-counts.json --quiet --run '%s'", run).status, 0);
    Output output = nomen("train configs/bigram-counts.json --resume --run '%s'", run);
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_null(strstr(output.out, "--steps"));
}
END_TEST

START_TEST(force_keeps_the_old_run_where_nothing_can_be_written) {
    const char *run = make_run();
    Snapshot before = take(run);
    // A limit of no bytes a file, and its signal ignored, so that every write fails as on a full disk.
    Output output = nomen("--version; (trap '' XFSZ; ulimit -f 0; exec \"${NOMEN:-build/nomen}\" train "
                          "configs/mlp.json --run '%s' --force "
                          "--quiet 2>/dev/null)",
                          run);
    ck_assert_int_eq(output.status, 1);
    expect_untouched(run, &before);
}
END_TEST

START_TEST(resume_never_gives_weights_other_symbols) {
    const char *run = make_run(), *other = scratch("other.txt");
    write_text(other, "ADA\nBOB\nCID\nDEA\nELI\nFAY\nGUS\nHAL\nIDA\nJON\nKIM\nLEA\nMIA\nNED\nODA\nPAM\n");
    Output output =
        nomen("train '%s' --run '%s' --resume=anyway --data '%s' --steps 300", scratch("c.json"), run, other);
    expect_refusal(output, 1,
                   "nomen: %s/model.safetensors: its symbols are not those of %s, so its weights mean nothing there",
                   run, other);
}
END_TEST

START_TEST(eval_measures_on_a_list_as_short_as_one_name) {
    const char *run = make_run(), *one = scratch("one.txt");
    write_text(one, "ada\n");
    Output output = nomen("eval '%s' --data '%s' --json", run, one);
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_nonnull(strstr(output.out, "{\"test\":{\"loss\":"));
    ck_assert_ptr_nonnull(strstr(output.out, "\"examples\":4}"));
}
END_TEST

START_TEST(resume_trains_longer_as_if_never_ended) {
    const char *run = make_run();
    ck_assert_int_eq(train("run", "--steps 333 --resume --set train.eval_every=60 --threads 2").status, 0);
    ck_assert_int_eq(train("run", "--steps 400 --resume").status, 0);
    ck_assert_int_eq(train("whole", "--steps 400").status, 0);
    SafeTensors a = read_model(run, "model.safetensors"), b = read_model(scratch("whole"), "model.safetensors");
    const FileTensor *x = safetensors_find(&a, "layers.4.weight"), *y = safetensors_find(&b, "layers.4.weight");
    ck_assert(x && y && file_tensor_count(x) == file_tensor_count(y));
    ck_assert_mem_eq(x->data, y->data, 4 * file_tensor_count(x));
}
END_TEST

START_TEST(resume_refuses_what_differs_and_names_it) {
    const char *run = make_run();
    Snapshot before = take(run);
    static const struct {
        const char *options, *message;
    } cases[] = {
        {"--seed 5", "seed: the run has 2147483647, the config says 5"},
        {"--set 'model.layers[2].out=9'", "model.layers[2].out: the run has 8, the config says 9"},
        {"--set 'model.layers[3]={\"type\":\"relu\"}'",
         "model.layers[3].type: the run has \"tanh\", the config says \"relu\""},
        {"--set train.batch_size=all", "train.batch_size: the run has 32, the config says \"all\""},
        {"--set train.lr=0.05", "train.lr[0][1]: the run has 0.1, the config says 0.05"},
        {"--set data.unique=true", "data.unique: the run has false, the config says true"},
        {"--set name=other", "name: the run has \"c\", the config says \"other\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Output output =
            nomen("train '%s' --run '%s' --steps 120 --resume %s", scratch("c.json"), run, cases[i].options);
        expect_refusal(output, 1, "nomen: %s/model.safetensors: %s; --resume=anyway goes on all the same", run,
                       cases[i].message);
        expect_untouched(run, &before);
    }
}
END_TEST

START_TEST(resume_refuses_other_data_unless_told_to_go_on) {
    const char *run = make_run();
    Snapshot before = take(run);
    char path[PATH_MAX], same_symbols[sizeof NAMES];
    strcpy(same_symbols, NAMES);
    memcpy(same_symbols, "dab", 3);
    write_text(scratch("other.txt"), same_symbols);
    ck_assert_ptr_nonnull(realpath(scratch("other.txt"), path));
    Output output = nomen("train '%s' --run '%s' --steps 120 --resume --data '%s'", scratch("c.json"), run, path);
    expect_refusal(output, 1,
                   "nomen: %s/model.safetensors: data: %s is not the file the run was trained on (its SHA-256 "
                   "differs); --resume=anyway goes on all the same",
                   run, path);
    expect_untouched(run, &before);
    output = nomen("train '%s' --run '%s' --steps 120 --resume=anyway --data '%s'", scratch("c.json"), run, path);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    ck_assert_int_eq(train("run", "--steps 140 --seed 9 --resume=anyway").status, 0);
    expect_refusal(train("run", "--steps 150 --resume=anyway --set 'model.layers[2].out=9'"), 1,
                   "nomen: %s/model.safetensors: tensor layers.2.weight has another type or shape than the config "
                   "gives it",
                   run);
}
END_TEST

// Starts training and sends `signal` once there are twenty rows more.
static Output interrupt(const char *run, const char *signal, const char *options) {
    return nomen("train '%s' --run '%s' --quiet %s & p=$!; rows() { cat '%s/metrics.csv' 2>/dev/null | wc -l; }; "
                 "n=$(($(rows) + 20)); " UNTIL("[ $(rows) -gt $n ]") "kill -%s $p; wait $p",
                 write_config(), run, options, run, signal);
}

// Goes on for a while, and compares with a run that was never interrupted.
static void expect_goes_on(const char *run, unsigned long long step) {
    char options[64];
    snprintf(options, sizeof options, "--steps %llu", step + 123);
    ck_assert_int_eq(train("whole", options).status, 0);
    Output output = nomen("train '%s' --run '%s' --resume %s", scratch("c.json"), run, options);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    expect_same_runs(run, scratch("whole"));
}

static void expect_signal_ends(const char *signal, int status) {
    const char *run = scratch("run");
    Output output = interrupt(run, signal, "");
    unsigned long long step = step_of(run);
    ck_assert_uint_gt(step, 0);
    expect_refusal(output, status,
                   "nomen: stopped at step %llu; go on with: nomen train %s/config.json --run %s --resume", step, run,
                   run);
    ck_assert_int_eq(nomen("eval '%s'", run).status, 0);
    expect_goes_on(run, step);
}

START_TEST(sigterm_ends_training_so_that_it_can_go_on) { expect_signal_ends("TERM", 143); }
END_TEST

START_TEST(sigint_ends_training_so_that_it_can_go_on) { expect_signal_ends("INT", 130); }
END_TEST

START_TEST(sighup_ends_training_so_that_it_can_go_on) {
    signal(SIGHUP, SIG_DFL); // which nohup before the tests has ignored
    expect_signal_ends("HUP", 129);
}
END_TEST

START_TEST(nohup_is_heard) {
    write_config();
    Output output =
        nomen_in_scratch("--version >/dev/null; trap '' HUP; " HOLDS("\"$NOMEN\" train c.json --run deaf --steps 2000")
                             UNTIL("[ -s deaf/metrics.csv ]") "kill -HUP $p; " RELEASES "wait $p");
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%d: %s", output.status, output.err);
    ck_assert_uint_eq(step_of(scratch("deaf")), 2000);
}
END_TEST

START_TEST(a_run_interrupted_many_times_is_the_same) {
    const char *run = scratch("run");
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(interrupt(run, i % 2 ? "INT" : "TERM", "--resume").status, i % 2 ? 130 : 143);
    expect_goes_on(run, step_of(run));
}
END_TEST

// What the line says is pasted into a shell.
START_TEST(the_way_to_go_on_works_as_it_is_printed) {
    const char *run = scratch("my run");
    Output output = interrupt(run, "TERM", "--set train.lr=0.05 --seed 7 --steps 5000000000");
    const char *advice = strstr(output.err, "go on with: nomen ");
    ck_assert_msg(advice, "%s", output.err);
    char words[PATH_MAX];
    snprintf(words, sizeof words, "%s", advice + strlen("go on with: nomen "));
    words[strcspn(words, "\n")] = '\0';
    output = nomen("%s --quiet --steps %llu", words, step_of(run) + 10);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}
END_TEST

START_TEST(a_run_killed_at_any_moment_goes_on_the_same) {
    const char *run = scratch("run");
    unsigned long long step = 0;
    for (int i = 0; i < 8; i++) {
        // From before the first file to some hundred checkpoints later.
        nomen("train '%s' --run '%s' --quiet --resume & p=$!; sleep 0.0%d; kill -KILL $p; wait $p", write_config(), run,
              (i * i + 3 * i) % 100);
        if (!exists(scratch("run/model.safetensors"))) continue;
        ck_assert_uint_ge(step_of(run), step);
        step = step_of(run);
    }
    expect_goes_on(run, step);
}
END_TEST

// A model without a config is a run all the same; a directory where a file is due is none.
START_TEST(what_is_left_of_a_run_is_not_overwritten) {
    const char *run = make_run();
    ck_assert_int_eq(remove(inside(run, "config.json")), 0);
    expect_refusal(
        train("run", "--steps 5"), 1,
        "nomen: %s: there is a run already; --resume goes on with it, --force replaces it, --run names another", run);
    ck_assert_int_eq(remove(inside(run, "metrics.csv")), 0);
    ck_assert_int_eq(nomen("--version; mkdir '%s'", inside(run, "metrics.csv")).status, 0);
    expect_refusal(train("run", "--steps 5 --force"), 1, "nomen: %s/metrics.csv: is a directory", run);
    write_text(inside(inside(run, "metrics.csv"), "other"), "mine");
    expect_refusal(train("run", "--steps 5 --force"), 1, "nomen: %s/metrics.csv: is a directory", run);
    ck_assert_uint_eq(step_of(run), 100);
}
END_TEST

// Rows of the record that no run wrote are dropped.
START_TEST(resuming_keeps_rows_of_steps_alone) {
    const char *run = make_run(), *path = inside(run, "metrics.csv");
    char *before = metrics_of(run), text[8192];
    snprintf(text, sizeof text, "%s#note\n\nx,1,2,3,4,5\n", read_text(path, NULL));
    write_text(path, text);
    ck_assert_int_eq(train("run", "--steps 110 --resume --quiet").status, 0);
    char *after = metrics_of(run);
    ck_assert(!strstr(after, "note") && !strstr(after, "x,"));
    ck_assert_int_eq(strncmp(after, before, strlen(before) / 2), 0);
}
END_TEST

START_TEST(other_symbols_are_refused_even_so) {
    const char *run = make_run();
    write_text(scratch("fewer.txt"), "ada\nbob\ndea\nada\nbob\ndea\nada\nbob\ndea\nada\n");
    char words[PATH_MAX];
    snprintf(words, sizeof words, "--steps 110 --resume=anyway --data '%s'", scratch("fewer.txt"));
    Output output = train("run", words);
    ck_assert_int_eq(output.status, 1);
    ck_assert_msg(strstr(output.err, ": its symbols are not those of "), "%s", output.err);
    ck_assert_uint_eq(step_of(run), 100);
}
END_TEST

START_TEST(a_run_given_as_a_config_names_its_config) {
    const char *run = make_run();
    static const char *const commands[] = {"train", "lr-find", "verify"};
    for (size_t i = 0; i < COUNT(commands); i++)
        expect_refusal(
            nomen("%s '%s'", commands[i], run), 1,
            "nomen: %s: expected a config, found a run directory; nomen train %s/config.json --run %s --resume "
            "continues it",
            run, run, run);
    Output output = nomen("train '%s/config.json' --run '%s' --resume --steps 101", run, run);
    ck_assert_msg(output.status == 0 && step_of(run) == 101, "%s", output.err);
}
END_TEST

SUITE(cli_run, NEEDS_NOTHING) {
    ADD(a_run_given_as_a_config_names_its_config);
    ADD(what_is_left_of_a_run_is_not_overwritten);
    ADD(resuming_keeps_rows_of_steps_alone);
    ADD(other_symbols_are_refused_even_so);
    ADD(keeps_a_run_that_is_there);
    ADD(a_dir_that_cannot_be_looked_at_has_the_systems_reason);
    ADD(force_begins_anew);
    ADD(resume_begins_where_there_is_nothing_yet);
    ADD(resume_begins_where_a_start_was_cut_off);
    ADD(resume_takes_no_dir_that_is_no_run);
    ADD(resume_on_a_finished_run_says_so);
    ADD(counts_that_are_finished_offer_no_more_steps);
    ADD(force_keeps_the_old_run_where_nothing_can_be_written);
    ADD(resume_never_gives_weights_other_symbols);
    ADD(eval_measures_on_a_list_as_short_as_one_name);
    ADD(resume_trains_longer_as_if_never_ended);
    ADD(resume_refuses_what_differs_and_names_it);
    ADD(resume_refuses_other_data_unless_told_to_go_on);
    ADD(sigterm_ends_training_so_that_it_can_go_on);
    ADD(sigint_ends_training_so_that_it_can_go_on);
    ADD(sighup_ends_training_so_that_it_can_go_on);
    ADD(nohup_is_heard);
    ADD(a_run_interrupted_many_times_is_the_same);
    ADD(the_way_to_go_on_works_as_it_is_printed);
    ADD(a_run_killed_at_any_moment_goes_on_the_same);
}
