// Damaged model files, full disks and closed outputs, through the built program.
#include "cli/run.h"

#include <math.h>

// One line about this file, nothing on standard output.
static void expect_damage_seen(const char *model, const char *what) {
    char line[PATH_MAX + 160];
    Output output = nomen("eval '%s'", model);
    static const char *const messages[] = {
        "it is cut short, or no safetensors file", "no checksum in it; it is no model file of nomen, or it was altered",
        "its checksum does not match; the file is damaged: restore it or train again"};
    bool found = false;
    for (size_t i = 0; i < COUNT(messages); i++) {
        snprintf(line, sizeof line, "nomen: %s: %s\n", model, messages[i]);
        found = found || strcmp(output.err, line) == 0;
    }
    ck_assert_msg(found && output.status == 1 && output.out[0] == '\0', "%s: %d, %s%s", what, output.status, output.out,
                  output.err);
}

START_TEST(sees_a_model_file_cut_short_or_grown) {
    const char *run = make_run(), *copy = scratch("copy.safetensors");
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n), what[64];
    const size_t lengths[] = {0, 1, 7, 8, 9, 10, 11, 100, 1000, n / 2, n - 2500, n - 8, n - 4, n - 1};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        snprintf(what, sizeof what, "the first %zu bytes of %zu", lengths[i], n);
        write_bytes(copy, bytes, lengths[i]);
        expect_damage_seen(copy, what);
    }
    char *longer = calloc(n + 8, 1);
    ck_assert_ptr_nonnull(longer);
    memcpy(longer, bytes, n);
    write_bytes(copy, longer, n + 1);
    free(longer);
    expect_damage_seen(copy, "a byte more");
    write_text(copy, NAMES);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: expected a run's directory or model file, found a text",
                   copy);
}
END_TEST

START_TEST(sees_any_flipped_bit) {
    const char *run = make_run(), *copy = scratch("copy.safetensors");
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n), what[64];
    size_t digits = (size_t)(strstr(bytes + 8, "\"sha256\":\"") + 10 - bytes);
    for (size_t at = 0, bit = 0; at < n; bit = (bit + 3) % 8) {
        snprintf(what, sizeof what, "bit %zu of byte %zu of %zu", bit, at, n);
        bytes[at] = (char)(bytes[at] ^ 1 << bit);
        write_bytes(copy, bytes, n);
        expect_damage_seen(copy, what);
        bytes[at] = (char)(bytes[at] ^ 1 << bit);
        bool closely = at < 16 || (at + 12 >= digits && at < digits + 66) || at + 9 > n;
        at += closely ? 1 : at + 90 < digits ? 37 : n - at > 100 ? 91 : 8;
    }
    write_bytes(copy, bytes, n);
    ck_assert_int_eq(nomen("eval '%s'", copy).status, 0);
}
END_TEST

START_TEST(goes_not_on_from_a_damaged_checkpoint) {
    const char *run = make_run();
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n);
    bytes[n - 5] ^= 4;
    write_bytes(inside(run, "model.safetensors"), bytes, n);
    Snapshot before = take(run);
    static const char *const options[] = {"--steps 200 --resume", "--steps 200 --resume=anyway"};
    for (size_t i = 0; i < COUNT(options); i++) {
        expect_refusal(train("run", options[i]), 1,
                       "nomen: %s/model.safetensors: its checksum does not match; the file is damaged: restore it or "
                       "train again",
                       run);
        expect_untouched(run, &before);
    }
}
END_TEST

// Writes a model file's bytes with the right checksum.
static void write_summed(const char *path, char *bytes, size_t n) {
    char hex[SHA256_HEX_BYTES], *digits = strstr(bytes + 8, "\"sha256\":\"") + 10;
    memset(digits, '0', 64);
    sha256_hex(bytes, n, hex);
    memcpy(digits, hex, 64);
    write_bytes(path, bytes, n);
}

// Puts `to` where `from` stands in the header, and the right checksum.
static void write_altered(const char *path, const char *model, const char *from, const char *to) {
    size_t n;
    char *bytes = read_text(model, &n);
    char *place = strstr(bytes + 8, from);
    ck_assert_msg(place && strlen(from) == strlen(to), "%s", from);
    memcpy(place, to, strlen(to));
    write_summed(path, bytes, n);
}

START_TEST(names_what_is_wrong_in_a_file_with_a_right_checksum) {
    const char *run = make_run(), *copy = scratch("copy.safetensors");
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"\"format\":\"nomen 1\"", "\"format\":\"nomen 2\"",
         "expected format \"nomen 1\", found \"nomen 2\"; it was written by another version of nomen"},
        {"\"format\":\"nomen 1\"", "\"farmot\":\"nomen 1\"", "__metadata__ has no \"format\""},
        {"\"format\":\"nomen 1\"", "\"format\":  1234567", "__metadata__ format: expected a string"},
        {"\"step\":\"100\"", "\"step\":\"1x0\"", "step is no number of steps"},
        {"[\\\"\\\",\\\"a\\\",\\\"b\\\"", "[\\\"\\\",\\\"b\\\",\\\"a\\\"",
         "vocabulary: symbol 2 is none, or out of order"},
        {"\"layers.0.weight\"", "\"layers.0.wait--\"", "tensor layers.0.weight is missing"},
        {"\"layers.0.weight\":{\"dtype\":\"F32\"", "\"layers.0.weight\":{\"dtype\":\"F64\"",
         "tensor layers.0.weight: its type, shape and place in the file do not fit together"},
        {"\"shape\":[2],\"data_offsets\":[4992,", "\"shape\":[2],\"data_offsets\":[4991,",
         "tensor state.rng.next: its type, shape and place in the file do not fit together"},
        {"[4992,5008]", "[   0, 16 ]",
         "tensor state.rng.next: its type, shape and place in the file do not fit together"},
        {"[4992,5008]", "[4993,5009]",
         "tensor state.rng.next: its type, shape and place in the file do not fit together"},
        {"[0,4992]", "[0,1e99]", "tensor state.rng.words: its type, shape and place in the file do not fit together"},
        {"[0,4992]", "[-8,498]", "tensor state.rng.words: its type, shape and place in the file do not fit together"},
        {"\"shape\":[624]", "\"shape\":[1e9]",
         "tensor state.rng.words: its type, shape and place in the file do not fit together"},
        {"\"__metadata__\"", "\"__metadata--\"", "its header has no __metadata__"},
        {"{\"__metadata__\"", "[\"__metadata__\"", "its header is not JSON"},
        {"\\\"context\\\":3", "\\\"context\\\":4",
         "tensor layers.2.weight has another type or shape than the config gives it"},
        {"\\\"type\\\":\\\"tanh\\\"", "\\\"type\\\":\\\"tinh\\\"",
         "model.layers[3].type: expected a type such as \"tanh\", found \"tinh\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_altered(copy, inside(run, "model.safetensors"), cases[i].from, cases[i].to);
        expect_refusal(nomen("sample '%s'", copy), 1, "nomen: %s: %s", copy, cases[i].message);
    }
    write_altered(inside(run, "model.safetensors"), inside(run, "best.safetensors"), "nomen 1", "nomen 0");
    expect_refusal(train("run", "--steps 200 --resume"), 1,
                   "nomen: %s/model.safetensors: expected format \"nomen 1\", found \"nomen 0\"; it was written by "
                   "another version of nomen",
                   run);
}
END_TEST

// The numbers of a tensor within a model file's bytes.
static char *tensor_at(char *bytes, const char *name) {
    uint64_t header = little_endian(bytes, 8);
    const char *place = strstr(bytes + 8, name);
    ck_assert_ptr_nonnull(place);
    return bytes + 8 + header + strtoull(strstr(place, "\"data_offsets\":[") + 16, NULL, 10);
}

static void write_whole(char *at, int64_t value) {
    for (int i = 0; i < 8; i++) at[i] = (char)((uint64_t)value >> 8 * i & 0xFF);
}

// Below such a figure no model would ever be the best again.
START_TEST(a_dev_loss_below_0_is_refused) {
    static const double below[] = {-(double)INFINITY, -1e308, -1, (double)NAN};
    const char *run = make_run(), *model = inside(run, "model.safetensors");
    for (size_t i = 0; i < COUNT(below); i++) {
        size_t n;
        int64_t bits;
        char *bytes = read_text(model, &n);
        memcpy(&bits, &below[i], sizeof bits);
        write_whole(tensor_at(bytes, "\"state.best_dev_loss\""), bits);
        write_summed(model, bytes, n);
        expect_refusal(train("run", "--steps 200 --resume"), 1, "nomen: %s: tensor state.best_dev_loss is out of range",
                       model);
    }
}
END_TEST

START_TEST(names_what_is_wrong_with_counts) {
    const char *run = scratch("counts"), *copy = scratch("copy.safetensors");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"ngram\": 4}}");
    write_text(scratch("names.txt"), NAMES);
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), run).status, 0);
    static const struct {
        const char *tensor, *message;
        size_t at; // of the tuples' numbers, 4 a row, or of the counts
        int64_t value;
    } cases[] = {
        {"\"ngram.tuples\"", "tensor ngram.tuples: row 0 is out of range", 2, -1},
        {"\"ngram.tuples\"", "tensor ngram.tuples: row 0 is out of range", 3, 27},
        {"\"ngram.tuples\"", "tensor ngram.tuples: row 0 is out of range", 0, INT64_MAX},
        {"\"ngram.tuples\"", "tensor ngram.tuples: row 0 has a boundary behind a symbol of its context", 1, 5},
        {"\"ngram.counts\"", "tensor ngram.counts: row 1 is out of range", 1, 0},
        {"\"ngram.counts\"", "tensor ngram.counts: row 1 is out of range", 1, (int64_t)1 << 32},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n;
        char *bytes = read_text(inside(run, "model.safetensors"), &n);
        write_whole(tensor_at(bytes, cases[i].tensor) + 8 * cases[i].at, cases[i].value);
        write_summed(copy, bytes, n);
        expect_refusal(nomen("sample '%s'", copy), 1, "nomen: %s: %s", copy, cases[i].message);
    }
    // The same tuple twice counts as one, as far as its counter goes.
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n), *tuples = tensor_at(bytes, "\"ngram.tuples\"");
    memcpy(tuples + 32, tuples, 32);
    write_whole(tensor_at(bytes, "\"ngram.counts\""), UINT32_MAX);
    write_summed(copy, bytes, n);
    expect_refusal(nomen("sample '%s'", copy), 1, "nomen: %s: a count above 4294967295", copy);
}
END_TEST

START_TEST(says_that_the_output_is_full) {
    const char *run = make_run();
    if (!exists("/dev/full")) {
        testing_skipped("a full output, which takes /dev/full");
        return;
    }
    static const char *const words[] = {"--help",          "--version",       "train --help",      "eval run",
                                        "eval run --json", "sample run -n 3", "sample run -n 5000"};
    for (size_t i = 0; i < COUNT(words); i++) {
        Output output = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && \"$N\" %s "
                              ">/dev/full",
                              scratch(""), words[i]);
        expect_refusal(output, 1, "nomen: standard output: no space left on device");
    }
    expect_refusal(train("full", "--steps 100 >/dev/full"), 1, "nomen: standard output: no space left on device");
    expect_same_runs(scratch("full"), run);
}
END_TEST

// Files that the program opens must not come to stand where standard output is missing.
START_TEST(a_closed_output_ends_up_in_no_file) {
    const char *run = make_run();
    Output output = train("closed", "--steps 100 >&-");
    ck_assert_int_eq(output.status, 1);
    expect_same_runs(scratch("closed"), run);
    train("silent", "--steps 100 --quiet >&- 2>&- <&-");
    expect_same_runs(scratch("silent"), run);
}
END_TEST

// A limit on a file's size fails a write as a full disk does, and needs no rights.
START_TEST(a_write_that_fails_leaves_the_old_checkpoint) {
    const char *run = make_run(), *program = getenv("NOMEN");
    if (!program) program = "build/nomen";
    Output output = nomen("--version >/dev/null; ulimit -f 8; %s train '%s' --run '%s' --quiet --resume "
                          "--steps 200",
                          program, scratch("c.json"), run);
    expect_refusal(output, 1, "nomen: %s/model.safetensors: file too large", run);
    ck_assert(!exists(inside(run, "model.safetensors.tmp")));
    ck_assert_int_eq(nomen("eval '%s'", run).status, 0);
    ck_assert_int_eq(train("run", "--resume --steps 200").status, 0);
    ck_assert_int_eq(train("whole", "--steps 200").status, 0);
    expect_same_runs(run, scratch("whole"));
}
END_TEST

// In a user's own mount namespace, where the system gives one; the file system goes with it.
START_TEST(a_full_disk_leaves_the_old_checkpoint) {
    static const char script[] =
        "N=$(realpath \"${NOMEN:-build/nomen}\") && cd \"$1\" && mount -t tmpfs -o size=256k none disk || exit 99\n"
        "\"$N\" train c.json --run disk/run --quiet --steps 100 || exit 1\n"
        "head -c 8192 /dev/zero >disk/room; cat /dev/zero >disk/fill 2>/dev/null; rm disk/room\n"
        "\"$N\" train c.json --run disk/run --quiet --resume --steps 200; echo \"status $?\"\n"
        "ls disk/run; \"$N\" eval disk/run >/dev/null || exit 2\n"
        "rm disk/fill; \"$N\" train c.json --run disk/run --quiet --resume --steps 200 || exit 3\n"
        "cp -r disk/run kept\n";
    write_config();
    write_text(scratch("script"), script);
    Output output = nomen("--version >/dev/null; mkdir '%s'; unshare -rm sh '%s' '%s'", scratch("disk"),
                          scratch("script"), scratch(""));
    if (output.status == 99 || output.status == 127 || strstr(output.err, "unshare")) {
        testing_skipped("a disk that fills up under a report, which takes unshare and mount to make");
        return;
    }
    ck_assert_str_eq(output.err, "nomen: disk/run/model.safetensors: no space left on device\n");
    ck_assert_str_eq(output.out, "status 1\nbest.safetensors\nconfig.json\nmetrics.csv\nmodel.safetensors\n");
    ck_assert_int_eq(output.status, 0);
    ck_assert_int_eq(train("whole", "--steps 200").status, 0);
    expect_same_runs(scratch("kept"), scratch("whole"));
}
END_TEST

// What is wrong with the best model's file stops a run that goes on, whose line says what helps, and helps.
START_TEST(a_damaged_best_model_is_no_end) {
    const char *run = make_run(), *best = inside(run, "best.safetensors");
    write_altered(best, best, "nomen 1", "nomen 0");
    expect_refusal(train("run", "--steps 200 --resume --quiet"), 1,
                   "nomen: %s: expected format \"nomen 1\", found \"nomen 0\"; it was written by another version of "
                   "nomen; without that file the run goes on, and looks for its best model anew",
                   best);
    ck_assert_int_eq(remove(best), 0);
    Output output = train("run", "--steps 200 --resume --quiet");
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_uint_eq(step_of(run), 200);
    ck_assert(exists(best));
}
END_TEST

// Whoever opens a pipe waits for a writer who may never come, and a run holds its directory meanwhile.
START_TEST(a_pipe_in_a_run_dir_holds_nobody_up) {
    static const char way_on[] = "; without that file the run goes on, and looks for its best model anew";
    static const struct {
        const char *file, *words, *way_on;
    } cases[] = {
        {"metrics.csv", "info run", ""},
        {"metrics.csv", "train c.json --run run --resume --steps 200 --quiet", ""},
        {"model.safetensors", "eval run", ""},
        {"model.safetensors", "train c.json --run run --resume --steps 200 --quiet", ""},
        {"best.safetensors", "train c.json --run run --resume --steps 200 --quiet", way_on},
        {"best.safetensors", "train c.json --run run --resume --steps 100 --quiet", way_on},
        {"best.safetensors", "compare run --best", ""},
    };
    make_run();
    nomen("--version; mv '%s' '%s'", scratch("run"), scratch("kept"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        Output output = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && rm -rf run && "
                              "cp -r kept run && rm run/%s && mkfifo run/%s && timeout 100 \"$N\" %s",
                              scratch("."), cases[i].file, cases[i].file, cases[i].words);
        expect_refusal(output, 1, "nomen: run/%s: expected a file, found a pipe%s", cases[i].file, cases[i].way_on);
    }
    // A page goes without the rows.
    Output output =
        nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && rm -rf run && cp -r "
              "kept run && rm run/metrics.csv && mkfifo run/metrics.csv && timeout 100 \"$N\" report run "
              "--no-plots",
              scratch("."));
    ck_assert_int_eq(output.status, 0);
    ck_assert_msg(strstr(output.err, "run/metrics.csv: expected a file, found a pipe"), "%s", output.err);
}
END_TEST

SUITE(cli_damage, NEEDS_NOTHING) {
    ADD(sees_a_model_file_cut_short_or_grown);
    ADD(sees_any_flipped_bit);
    ADD(goes_not_on_from_a_damaged_checkpoint);
    ADD(names_what_is_wrong_in_a_file_with_a_right_checksum);
    ADD(a_dev_loss_below_0_is_refused);
    ADD(names_what_is_wrong_with_counts);
    ADD(a_damaged_best_model_is_no_end);
    ADD(a_pipe_in_a_run_dir_holds_nobody_up);
    ADD(says_that_the_output_is_full);
    ADD(a_closed_output_ends_up_in_no_file);
    ADD(a_write_that_fails_leaves_the_old_checkpoint);
    ADD(a_full_disk_leaves_the_old_checkpoint);
}
