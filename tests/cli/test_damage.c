// Damaged model files, full disks and closed outputs.
#include "cli/run.h"

START_TEST(a_model_file_cut_short_or_grown_is_refused) {
    static const char *const messages[] = {"truncated, or not a model file", "its checksum does not match",
                                           "no checksum in it"};
    const char *copy = scratch("copy.safetensors");
    size_t n;
    char *bytes = read_text(inside(make_run(), "model.safetensors"), &n); // with a NUL behind
    const size_t lengths[] = {0, 1, 7, 8, 9, 10, 11, 100, 1000, n / 2, n - 2500, n - 8, n - 1, n + 1};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        write_bytes(copy, bytes, lengths[i]);
        Output output = nomen("eval '%s'", copy);
        bool found = false;
        for (size_t k = 0; k < COUNT(messages); k++) found = found || strstr(output.err, messages[k]);
        ck_assert_msg(found && output.status == 1, "%zu of %zu bytes: %s", lengths[i], n, output.err);
    }
    write_text(copy, NAMES);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: truncated, or not a model file", copy);
}
END_TEST

START_TEST(a_damaged_checkpoint_is_not_resumed) {
    static const char *const options[] = {"--steps 200 --resume", "--steps 200 --resume=anyway"};
    const char *run = make_run();
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n);
    bytes[n - 5] ^= 4;
    write_bytes(inside(run, "model.safetensors"), bytes, n);
    Snapshot before = take(run);
    for (size_t i = 0; i < COUNT(options); i++) {
        expect_refusal(train("run", options[i]), 1,
                       "nomen: %s/model.safetensors: its checksum does not match; the file is damaged: restore it or "
                       "train again",
                       run);
        expect_untouched(run, &before);
    }
}
END_TEST

START_TEST(counts_are_checked) {
    enum { N = 4 }; // symbols of a tuple
    static const struct {
        const char *tensor, *message;
        size_t at;
        int64_t value;
    } cases[] = {
        {"ngram.tuples", "tensor ngram.tuples: row 0 is out of range", 2, -1},
        {"ngram.tuples", "tensor ngram.tuples: row 0 is out of range", 3, 27},
        {"ngram.tuples", "tensor ngram.tuples: row 0 is out of range", 0, INT64_MAX},
        {"ngram.counts", "tensor ngram.counts: row 1 is out of range", 1, 0},
        {"ngram.counts", "tensor ngram.counts: row 1 is out of range", 1, (int64_t)1 << 32},
        {"ngram.counts", "a count above 4294967295", 0, UINT32_MAX}, // of a tuple that comes twice
    };
    const char *run = scratch("counts");
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("c.json"), "{'data': {'path': 'names.txt'}, 'model': {'ngram': %d}}", N);
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), run).status, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        SafeTensors model = read_model(run, "model.safetensors");
        char *tuples = (char *)safetensors_find(&model, "ngram.tuples")->data;
        char *numbers = (char *)safetensors_find(&model, cases[i].tensor)->data;
        if (cases[i].value == UINT32_MAX) memcpy(tuples + N * sizeof(int64_t), tuples, N * sizeof(int64_t));
        memcpy(numbers + cases[i].at * sizeof(int64_t), &cases[i].value, sizeof(int64_t));
        Error err;
        const char *copy = scratch("copy.safetensors");
        ck_assert_msg(safetensors_write(copy, &model, &err), "%s", err.text);
        expect_refusal(nomen("sample '%s'", copy), 1, "nomen: %s: %s", copy, cases[i].message);
    }
}
END_TEST

START_TEST(a_full_output_is_reported) {
    static const char *const words[] = {"--help",
                                        "train --help",
                                        "eval run",
                                        "eval run --json",
                                        "sample run -n 3",
                                        "sample run -n 5000",
                                        "train c.json --run full --steps 100"};
    if (!exists("/dev/full")) {
        testing_skipped("a full output, which takes /dev/full");
        return;
    }
    const char *run = make_run();
    for (size_t i = 0; i < COUNT(words); i++)
        expect_refusal(shell("cd '%s' && \"$NOMEN\" %s >/dev/full", scratch("."), words[i]), 1,
                       "nomen: standard output: no space left on device");
    expect_same_runs(scratch("full"), run);
}
END_TEST

// The program must not open a file as its standard output.
START_TEST(a_closed_output_ends_up_in_no_file) {
    const char *run = make_run();
    ck_assert_int_eq(train("closed", "--steps 100 >&-").status, 1);
    expect_same_runs(scratch("closed"), run);
    train("silent", "--steps 100 --quiet >&- 2>&- <&-");
    expect_same_runs(scratch("silent"), run);
}
END_TEST

// A limit on a file's size makes a write fail as a full disk does, and needs no rights.
START_TEST(a_write_that_fails_leaves_the_old_checkpoint) {
    const char *run = make_run();
    Output output =
        shell("ulimit -f 8; \"$NOMEN\" train '%s' --run '%s' --quiet --resume --steps 200", scratch("c.json"), run);
    expect_refusal(output, 1, "nomen: %s/model.safetensors: file too large", run);
    ck_assert(!exists(inside(run, "model.safetensors.tmp")));
    ck_assert_int_eq(nomen("eval '%s'", run).status, 0);
    ck_assert_int_eq(train("run", "--resume --steps 200").status, 0);
    ck_assert_int_eq(train("whole", "--steps 200").status, 0);
    expect_same_runs(run, scratch("whole"));
}
END_TEST

SUITE(cli_damage, NEEDS_NOTHING) {
    ADD(a_model_file_cut_short_or_grown_is_refused);
    ADD(a_damaged_checkpoint_is_not_resumed);
    ADD(counts_are_checked);
    ADD(a_full_output_is_reported);
    ADD(a_closed_output_ends_up_in_no_file);
    ADD(a_write_that_fails_leaves_the_old_checkpoint);
}
