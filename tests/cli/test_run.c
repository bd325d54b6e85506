// Runs through the built program: existing directories, resuming, signals.
#include "cli/run.h"

#include <signal.h>

START_TEST(an_existing_run_is_kept) {
    const char *run = make_run();
    char long_name[301];
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    Snapshot before = take(run);
    write_text(scratch("file"), "mine");
    shell("mkdir '%s' && touch '%s/thesis.tex'", scratch("other"), scratch("other"));
    static const char exists[] = "a run exists there; --resume continues it, --force replaces it, --run names another";
    static const char no_run[] = "the directory is not empty and holds no run; --run names another";
    const struct {
        const char *run, *options, *message;
    } cases[] = {
        {"run", "", exists},
        {"file", "--force", "expected a directory, found a file"},
        {"other", "", no_run},
        {"other", "--resume", no_run},
        {"other", "--force", no_run},
        {long_name, "", "file name too long"},
        {long_name, "--seeds 2", "file name too long"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_refusal(train(cases[i].run, textf("--steps 5 %s", cases[i].options)), 1, "nomen: %s: %s",
                       scratch(cases[i].run), cases[i].message);
    }
    ck_assert_int_eq(train("run", "--force --set train.stps=5").status, 1);
    ck_assert_int_eq(train("run", "--force --data /nowhere/names.txt").status, 1);
    // On a full disk: no file may have a byte, and the signal for that is ignored.
    shell("trap '' XFSZ; ulimit -f 0; \"$NOMEN\" train '%s' --run '%s' --steps 5 --force 2>/dev/null",
          scratch("c.json"), run);
    expect_untouched(run, &before);
    ck_assert_str_eq(read_text(scratch("file"), NULL), "mine");
    // A run whose config is gone is a run.
    ck_assert_int_eq(remove(inside(run, "config.json")), 0);
    expect_refusal(train("run", "--steps 5"), 1, "nomen: %s: %s", run, exists);
}
END_TEST

START_TEST(force_starts_again) {
    const char *run = make_run();
    write_text(inside(run, "report.html"), "mine");
    ck_assert_int_eq(train("run", "--steps 60 --seed 2 --force").status, 0);
    ck_assert_int_eq(train("fresh", "--steps 60 --seed 2").status, 0);
    expect_same_runs(run, scratch("fresh"));
    ck_assert_str_eq(read_text(inside(run, "report.html"), NULL), "mine");
    // The model goes last, so that what cannot be removed leaves it.
    shell("cd '%s' && rm metrics.csv && mkdir metrics.csv", run);
    expect_refusal(train("run", "--steps 5 --force"), 1, "nomen: %s/metrics.csv: is a directory", run);
    ck_assert_uint_eq(step_of(run), 60);
}
END_TEST

START_TEST(resume_starts_a_run_without_a_checkpoint) {
    ck_assert_int_eq(train("whole", "--steps 60").status, 0);
    shell("cd '%s' && mkdir empty cut old && echo '{' >cut/config.json.tmp && cd old && "
          "touch .nomen-lock best.safetensors.old best.safetensors.old.tmp",
          scratch("."));
    static const char *const runs[] = {"new", "empty", "cut", "old"};
    for (size_t i = 0; i < COUNT(runs); i++) {
        ck_assert_int_eq(train(runs[i], "--steps 60 --resume").status, 0);
        expect_same_runs(scratch(runs[i]), scratch("whole"));
    }
    ck_assert(!exists(scratch("old/.nomen-lock")) && !exists(scratch("old/best.safetensors.old")));
}
END_TEST

START_TEST(resume_reports_a_finished_run) {
    const char *run = make_run(), *counts = scratch("counts");
    Snapshot before = take(run);
    static const struct {
        const char *steps, *message;
    } cases[] = {{"100", "step 100 of 100; --steps N trains longer"}, {"50", "step 100; --steps N trains longer"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_str_eq(ok(train("run", textf("--resume --steps %s", cases[i].steps))),
                         textf("%s is finished: %s\n", run, cases[i].message));
    }
    expect_untouched(run, &before);
    ck_assert_int_eq(nomen("train configs/bigram-counts.json --quiet --run '%s'", counts).status, 0);
    expect_no_words(ok(nomen("train configs/bigram-counts.json --resume --run '%s'", counts)), "--steps");
}
END_TEST

START_TEST(resume_trains_longer_as_if_never_ended) {
    const char *run = make_run(), *metrics = inside(run, "metrics.csv"), *best = inside(run, "best.safetensors");
    ck_assert_int_eq(remove(best), 0);
    // A line that is no row is cut off.
    write_text(metrics, textf("%s#note\n", read_text(metrics, NULL)));
    ck_assert_int_eq(train("run", "--steps 333 --resume --set train.eval_every=60 --threads 2").status, 0);
    ck_assert(!strchr(read_text(metrics, NULL), '#') && exists(best));
    ck_assert_int_eq(train("run", "--steps 400 --resume").status, 0);
    ck_assert_int_eq(train("whole", "--steps 400").status, 0);
    expect_same_weights(run, scratch("whole"));
}
END_TEST

// test_config.c has more differences.
START_TEST(resume_goes_on_with_every_generator) {
    static const char *const uses[] = {"makemore", "microgpt"};
    for (size_t i = 0; i < COUNT(uses); i++) {
        const char *options = textf("--force --set random=%s --set data.shuffle_seed=null --steps ", uses[i]);
        ck_assert_int_eq(train("whole", textf("%s430", options)).status, 0);
        ck_assert_int_eq(train("run", textf("%s150", options)).status, 0);
        ck_assert_int_eq(train("run", textf("--resume%s430", options + strlen("--force"))).status, 0);
        expect_same_weights(scratch("run"), scratch("whole"));
        const char *names = nomen("sample '%s'", scratch("run")).out;
        ck_assert_str_eq(names, nomen("sample '%s'", scratch("whole")).out);
        ck_assert_str_ne(names, nomen("sample '%s' --seed 2147483647", scratch("run")).out);
    }
}
END_TEST

START_TEST(resume_refuses_what_differs) {
    const char *run = make_run();
    Snapshot before = take(run);
    char other[PATH_MAX];
    write_text(scratch("other.txt"), NAMES);
    shell("sed -i s/ada/dab/ '%s'", scratch("other.txt"));
    ck_assert_ptr_nonnull(realpath(scratch("other.txt"), other));
    const struct {
        const char *options, *message;
    } cases[] = {
        {"--set 'model.layers[3]={\"type\":\"relu\"}'", "model.layers[3].type: expected \"tanh\", found \"relu\""},
        {"--set train.batch_size=all", "train.batch_size: expected 32, found \"all\""},
        {"--set data.unique=true", "data.unique: expected false, found true"},
        {textf("--data '%s'", other),
         textf("data: %s is not the file the run was trained on (its SHA-256 differs)", other)},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("train '%s' --run '%s' --steps 120 --resume %s", scratch("c.json"), run, cases[i].options),
                       1, "nomen: %s/model.safetensors: %s; --resume=anyway continues regardless", run,
                       cases[i].message);
    expect_untouched(run, &before);
}
END_TEST

START_TEST(resume_anyway_needs_shapes_and_symbols_that_fit) {
    const char *run = make_run();
    static const char *const lists[] = {
        "ADA\nBOB\nCID\nDEA\nELI\nFAY\nGUS\nHAL\nIDA\nJON\nKIM\nLEA\nMIA\nNED\nODA\nPAM\n",
        "ada\nbob\ndea\nada\nbob\ndea\nada\nbob\ndea\nada\n"};
    const char *words = textf("--steps 120 --resume=anyway --data '%s'", scratch("other.txt"));
    for (size_t i = 0; i < COUNT(lists); i++) {
        write_text(scratch("other.txt"), lists[i]);
        expect_refusal(train("run", words), 1,
                       "nomen: %s/model.safetensors: the model's vocabulary differs from that of %s, so training "
                       "cannot continue on it",
                       run, scratch("other.txt"));
    }
    expect_refusal(train("run", "--steps 150 --resume=anyway --set 'model.layers[2].out=9'"), 1,
                   "nomen: %s/model.safetensors: tensor layers.2.weight has another type or shape than the config "
                   "gives it",
                   run);
    write_text(scratch("other.txt"), NAMES);
    shell("sed -i s/ada/dab/ '%s'", scratch("other.txt"));
    ck_assert_int_eq(train("run", words).status, 0);
    ck_assert_int_eq(train("run", "--steps 140 --seed 9 --resume=anyway").status, 0);
}
END_TEST

// Trains in the background and sends `signal` after twenty rows.
static Output interrupt(const char *run, const char *signal, const char *options) {
    return shell("\"$NOMEN\" train '%s' --run '%s' --quiet %s & p=$!; " UNTIL(
                     "[ $(cat '%s/metrics.csv' 2>/dev/null | wc -l) -gt 20 ]") "kill -%s $p; wait $p",
                 write_config(), run, options, run, signal);
}

START_TEST(a_signal_ends_training_with_a_checkpoint) {
    static const struct {
        const char *signal;
        int status;
    } cases[] = {{"TERM", 143}, {"INT", 130}, {"HUP", 129}};
    signal(SIGHUP, SIG_DFL); // nohup before the tests ignores it
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *run = scratch(cases[i].signal);
        Output output = interrupt(run, cases[i].signal, "");
        unsigned long long step = step_of(run);
        expect_refusal(output, cases[i].status,
                       "nomen: stopped at step %llu; continue with: nomen train %s/config.json --run %s --resume", step,
                       run, run);
        ck_assert_int_eq(train("whole", textf("--quiet --force --steps %llu", step + 123)).status, 0);
        ck_assert_int_eq(train(cases[i].signal, textf("--quiet --resume --steps %llu", step + 123)).status, 0);
        expect_same_runs(run, scratch("whole"));
    }
}
END_TEST

START_TEST(nohup_ignores_sighup) {
    write_config();
    Output output =
        nomen_in_scratch("--version >/dev/null; trap '' HUP; " HOLDS("\"$NOMEN\" train c.json --run deaf --steps 2000")
                             UNTIL("[ -s deaf/metrics.csv ]") "kill -HUP $p; " RELEASES "wait $p");
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%d: %s", output.status, output.err);
    ck_assert_uint_eq(step_of(scratch("deaf")), 2000);
}
END_TEST

START_TEST(the_command_to_go_on_works_as_printed) {
    const char *run = scratch("my run");
    Output output = interrupt(run, "TERM", "--set train.lr=0.05 --seed 7");
    const char *advice = strstr(output.err, "continue with: nomen ");
    ck_assert_msg(advice, "%s", output.err);
    advice += strlen("continue with: nomen ");
    ok(nomen("%.*s --quiet --steps %llu", (int)strcspn(advice, "\n"), advice, step_of(run) + 10));
}
END_TEST

// Rows differ in length, as their seconds do, and the last may end exactly at the limit.
START_TEST(a_row_that_does_not_fit_leaves_none_of_it) {
    const char *run = make_run();
    Output output = shell("ulimit -f 32; \"$NOMEN\" train '%s' --run '%s' --quiet --resume --steps 2000 "
                          "--set train.log_every=1",
                          scratch("c.json"), run);
    expect_refusal(output, 1, "nomen: %s/metrics.csv: file too large", run);
    size_t n;
    const char *metrics = read_text(inside(run, "metrics.csv"), &n);
    ck_assert_msg(n > 15000 && n <= 16384 && metrics[n - 1] == '\n', "%zu bytes", n);
}
END_TEST

START_TEST(eval_measures_on_a_list_as_short_as_one_name) {
    const char *run = make_run(), *one = scratch("one.txt");
    write_text(one, "ada\n");
    const char *out = ok(nomen("eval '%s' --data '%s' --json", run, one));
    ck_assert_double_eq(number_at(json_of(out), "test.examples"), 4);
}
END_TEST

START_TEST(a_run_given_as_a_config_means_its_config) {
    const char *run = make_run();
    static const char *const commands[] = {"lr-find --steps 20", "gradcheck --batch 2", "audit"};
    for (size_t i = 0; i < COUNT(commands); i++) {
        Output by_run = nomen("%s '%s'", commands[i], run);
        ck_assert_str_eq(by_run.err, textf("nomen: %s is %s/config.json\n", run, run));
        ck_assert_str_eq(by_run.out, ok(nomen("%s '%s/config.json'", commands[i], run)));
    }
    expect_refusal(nomen("train '%s'", run), 1,
                   "nomen: %s: expected a config, found a run directory; nomen train %s/config.json --run %s --resume "
                   "continues it",
                   run, run, run);
    ok(nomen("train '%s/config.json' --run '%s' --resume --steps 101", run, run));
    ck_assert_uint_eq(step_of(run), 101);
}
END_TEST

START_TEST(a_file_of_another_kind_is_named) {
    static const struct {
        const char *words, *message;
    } cases[] = {
        {"train towns.txt", "towns.txt: expected a config, found a list of names; nomen init --data towns.txt -o "
                            "towns.json writes a config"},
        {"gradcheck 'my towns'", "my towns: expected a config, found a list of names; nomen init --data 'my towns' -o "
                                 "'my towns.json' writes a config"},
        {"eval towns.txt", "towns.txt: expected a run, found a list of names; nomen init --data towns.txt -o "
                           "towns.json writes a config"},
        {"verify run/best.safetensors", "run/best.safetensors: expected a config, found a model file"},
        {"eval c.json", "c.json: expected a run, found a config; nomen train c.json makes a run"},
        {"plot run/config.json", "run/config.json: expected a run, found a config; its run is run"},
        {"sample c.json", "c.json: expected a run, found a config; its run is runs/c"},
        {"train c.txt.json", "c.txt.json: no such file or config; nomen configs lists the configs"},
    };
    make_run();
    write_text(scratch("towns.txt"), NAMES);
    write_text(scratch("my towns"), NAMES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (strncmp(cases[i].words, "sample", 6) == 0) ok(nomen_in_scratch("train c.json --steps 5 --quiet"));
        expect_refusal(nomen_in_scratch(cases[i].words), 1, "nomen: %s", cases[i].message);
    }
}
END_TEST

#define NOISE ", the loss of uniform guessing, so names are noise; a lower train.lr helps"

// A rate of 1,000 leaves a loss that no later step lowers.
START_TEST(a_loss_above_uniform_guessing_is_reported) {
    static const struct {
        const char *options, *next;
        bool is_best_noise;
    } cases[] = {
        {"--set train.lr=1000", NULL, true},
        {"--set 'train.lr=[[0,0.1],[60,1000]]' --set train.eval_every=50", "next: nomen sample ", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Output output = train("noise", textf("--steps 100 --force %s", cases[i].options));
        ck_assert_int_eq(output.status, 0);
        expect_words(output.err, NOISE "\n");
        ck_assert(!strstr(output.out, " best  after "));
        ck_assert_int_eq(strstr(output.out, "next: ") != NULL, cases[i].next != NULL);
        if (cases[i].next) expect_words(output.out, textf("%s%s/best.safetensors\n", cases[i].next, scratch("noise")));
        expect_words(nomen("sample '%s' -n 1", scratch("noise")).err, NOISE "\n");
        const char *of_best = nomen("sample '%s/best.safetensors' -n 1", scratch("noise")).err;
        ck_assert_int_eq(strstr(of_best, NOISE) != NULL, cases[i].is_best_noise);
        expect_words(nomen("info '%s'", scratch("noise")).out, "is above 2.9957, the loss of uniform guessing");
        nomen("report '%s' --no-plots", scratch("noise"));
        expect_words(read_text(scratch("noise/report.html"), NULL), NOISE ".</p>");
    }
    ck_assert_str_eq(nomen("sample '%s' -n 1", make_run()).err, "");
    expect_words(train("group", "--steps 100 --seeds 2 --set train.lr=1000").out,
                 " (noise: above uniform guessing)  after ");
}
END_TEST

SUITE(cli_run, NEEDS_NOTHING) {
    ADD(a_loss_above_uniform_guessing_is_reported);
    ADD(an_existing_run_is_kept);
    ADD(force_starts_again);
    ADD(resume_starts_a_run_without_a_checkpoint);
    ADD(resume_reports_a_finished_run);
    ADD(resume_trains_longer_as_if_never_ended);
    ADD(resume_goes_on_with_every_generator);
    ADD(resume_refuses_what_differs);
    ADD(resume_anyway_needs_shapes_and_symbols_that_fit);
    ADD(a_signal_ends_training_with_a_checkpoint);
    ADD(nohup_ignores_sighup);
    ADD(the_command_to_go_on_works_as_printed);
    ADD(a_row_that_does_not_fit_leaves_none_of_it);
    ADD(eval_measures_on_a_list_as_short_as_one_name);
    ADD(a_run_given_as_a_config_means_its_config);
    ADD(a_file_of_another_kind_is_named);
}
