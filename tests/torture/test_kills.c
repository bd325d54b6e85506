// The process may be killed before, in the middle of and after each call that changes a file, at any moment, or find
// the disk full: it goes on the same. A bounded form runs with `make check`, the whole with `make torture`.
#include "torture/kept_runs.h"

#include <unistd.h>

static const char SMALL[] = "--steps 24 --quiet --set train.checkpoint_every=5 --set train.log_every=3 "
                            "--set train.eval_every=4 --set 'data.split=[0.7,0.2,0.1]'";

static char *train_words(const char *run, const char *options) {
    static char words[3 * PATH_MAX];
    snprintf(words, sizeof words, "train '%s' --run '%s' %s %s", scratch("c.json"), run, SMALL, options);
    return words;
}

// At each change of a file in turn: killed, gone on, and in the end the same run.
static void expect_goes_on_after(const char *how) {
    const char *run = scratch("run"), *whole = scratch("whole");
    write_config();
    Calls all;
    ck_assert_int_eq(faulty("", &all, train_words(whole, "")).status, 0);
    ck_assert_uint_gt(all.changes, 20);
    const char *words = train_words(run, "--resume");
    for (unsigned long n = 1; n <= all.changes; n += stride(all.changes)) {
        char fault[32];
        nomen("--version; rm -rf '%s'", run);
        snprintf(fault, sizeof fault, "%s:%lu", how, n);
        ck_assert_int_eq(faulty(fault, NULL, words).status, 128 + 9);
        expect_model_is_whole(run);
        Output output = nomen("%s", words);
        ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s: %s", fault, output.err);
        expect_same_runs(run, whole);
    }
}

START_TEST(killed_at_any_change_it_goes_on_the_same) { expect_goes_on_after("kill"); }
END_TEST

START_TEST(killed_in_the_middle_of_any_write_it_goes_on_the_same) { expect_goes_on_after("torn"); }
END_TEST

// What is killed, and what is done then to come by the same.
static const char *const KILLED[][2] = {
    {"train c.json --run run --quiet --force", ""},
    {"train c.json --run run --quiet --resume --steps 40", ""},
    {"train c.json --run new --quiet --seeds 2", "--resume"},
    {"train c.json --run group --quiet --seeds 3 --resume", ""},
    {"train c.json --run group --quiet --seeds 2 --force", ""},
    {"train n.json --run counts --quiet --force", ""},
    {"calibrate run", ""},
    {"init mlp-bn --data names.txt -o first.json", ""},
    {"gradcheck c.json --batch 2 --dump dump.safetensors", ""},
    {"report run -o page.html", ""},
    {"plot run --out plots", ""},
};

// Those of several seeds that lost their parent may hold their directories for a moment.
static Output again(const char *words) {
    Output output = faulty("", NULL, words);
    while (strstr(output.err, "is using the directory")) {
        usleep(50000);
        output = faulty("", NULL, words);
    }
    return output;
}

static void expect_comes_to_the_same(const char *words, const char *more) {
    char fault[32], go_on[PATH_MAX];
    Calls all;
    put_runs();
    Output whole = faulty("", &all, words);
    ck_assert_msg(whole.status == 0 && all.changes > 0, "%s: %s", words, whole.err);
    keep_results();
    snprintf(go_on, sizeof go_on, "%s %s", words, more);
    for (unsigned long n = 1; n <= all.changes; n += stride(all.changes)) {
        put_runs();
        snprintf(fault, sizeof fault, "kill:%lu", n);
        ck_assert_msg(faulty(fault, NULL, words).status != 0, "%s, %s", fault, words);
        expect_runs_are_whole(fault, words);
        Output output = again(go_on);
        bool is_made = strncmp(words, "init", 4) == 0 && strstr(output.err, "exists");
        ck_assert_msg(output.status == 0 || is_made, "%s, %s: %s", fault, go_on, output.err);
        expect_same_results(fault, words);
        expect_same_pictures(fault, words);
    }
    printf("%s: killed at %lu changes\n", words, (all.changes - 1) / stride(all.changes) + 1);
}

START_TEST(killed_at_any_change_every_command_comes_to_the_same) {
    make_kept_runs();
    put_stand_in_for_gnuplot();
    for (size_t i = 0; i < COUNT(KILLED); i++) expect_comes_to_the_same(KILLED[i][0], KILLED[i][1]);
}
END_TEST

START_TEST(a_few_bytes_at_a_time_and_interruptions_change_nothing) {
    const char *run = scratch("run"), *whole = scratch("whole");
    static const char *const commands[] = {"eval run", "sample run -n 3", "diagnose run",
                                           "info run", "plot run",        "report run -o -"};
    write_config();
    put_stand_in_for_gnuplot();
    ck_assert_int_eq(nomen("%s", train_words(whole, "")).status, 0);
    Output output = faulty("bits", NULL, train_words(run, ""));
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
    expect_same_runs(run, whole);
    for (size_t i = 0; i < COUNT(commands); i++) {
        Output expected = faulty("", NULL, commands[i]), found = faulty("bits", NULL, commands[i]);
        ck_assert_msg(expected.status == 0, "%s", expected.err);
        ck_assert_msg(found.status == 0, "%s: %s", commands[i], found.err);
        ck_assert_str_eq(found.out, expected.out);
    }
}
END_TEST

// Killed after a time that is another each time, gone on, killed again, until it ends.
START_TEST(killed_at_random_moments_it_ends_the_same) {
    static const char options[] = "--steps 60000 --quiet --set train.log_every=100 --set train.eval_every=700 "
                                  "--set train.checkpoint_every=500";
    const char *run = scratch("run");
    ck_assert_int_eq(train("whole", options).status, 0);
    unsigned long kills = 0, wanted = getenv("NOMEN_TORTURE") ? 200 : 10;
    unsigned seed = (unsigned)getpid();
    printf("random moments of seed %u\n", seed);
    while (kills < wanted) {
        nomen("--version; rm -rf '%s'", run);
        // Ever later, so that it comes to its end on a slow machine too.
        unsigned round = 0;
        for (int status = 137; status == 137; kills += status == 137) {
            seed = seed * 1103515245 + 12345;
            unsigned ms = 5 + (seed >> 16) % 150 + 5 * round++;
            Output output =
                nomen("train '%s' --run '%s' %s --resume & p=$!; (sleep %u.%03u; kill -KILL $p) 2>/dev/null & "
                      "wait $p",
                      scratch("c.json"), run, options, ms / 1000, ms % 1000);
            status = output.status;
            ck_assert_msg(status == 137 || (status == 0 && output.err[0] == '\0'), "%d: %s", status, output.err);
            expect_model_is_whole(run);
        }
        expect_same_runs(run, scratch("whole"));
    }
    printf("killed %lu times at random moments\n", kills);
}
END_TEST

// A file system of 256 KiB, which fills up: in a mount namespace of its own, where that is allowed.
START_TEST(a_full_disk_keeps_the_last_checkpoint) {
    if (system("unshare -rm sh -c 'mount -t tmpfs -o size=256k none /mnt' 2>/dev/null") != 0) {
        testing_skipped("a full file system, which takes unshare and mount to make");
        return;
    }
    write_config();
    const char *small = scratch("small"), *kept = scratch("kept");
    nomen("--version; mkdir '%s' '%s'", small, kept);
    // The record grows by a row a step until nothing more fits.
    Output output = nomen("--version >/dev/null; N=$(realpath ${NOMEN:-build/nomen}); unshare -rm sh -c 'mount -t "
                          "tmpfs -o size=256k none "
                          "\"$2\"; \"$1\" train \"$3\" --run \"$2\"/run --quiet --set train.log_every=1 --set "
                          "train.checkpoint_every=100; "
                          "s=$?; ls \"$2\"/run >&2; cp \"$2\"/run/* \"$4\"; exit $s' sh $N '%s' '%s' '%s'",
                          small, scratch("c.json"), kept);
    char lines[2 * PATH_MAX];
    snprintf(lines, sizeof lines, "nomen: %s/run/metrics.csv: no space left on device\n", small);
    char model[2 * PATH_MAX];
    snprintf(model, sizeof model, "nomen: %s/run/model.safetensors: no space left on device\n", small);
    bool told = strncmp(output.err, lines, strlen(lines)) == 0 || strncmp(output.err, model, strlen(model)) == 0;
    ck_assert_msg(output.status == 1 && told && !strstr(output.err, ".tmp"), "%d: %s", output.status, output.err);
    ck_assert_uint_gt(step_of(kept), 0);
}
END_TEST

// Every bit of a small model file, one by one; in the bounded form each eleventh, which meets every byte's bits in
// turn.
START_TEST(any_flipped_bit_is_noticed) {
    size_t n, n_bits = 0, step = getenv("NOMEN_TORTURE") ? 1 : 11;
    char *bytes = read_text(inside(make_run(), "model.safetensors"), &n);
    const char *copy = scratch("copy.safetensors");
    for (size_t bit = 0; bit < 8 * n; bit += step, n_bits++) {
        Arena arena = {0};
        SafeTensors content;
        Error err = {0};
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        write_bytes(copy, bytes, n);
        ck_assert_msg(!safetensors_read(copy, &content, &arena, &err), "bit %zu of %zu", bit, 8 * n);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        arena_free(&arena);
    }
    printf("flipped %zu bits of %zu, one by one\n", n_bits, 8 * n);
}
END_TEST

SUITE(kills, NEEDS_NOTHING) {
    ADD(killed_at_any_change_it_goes_on_the_same);
    ADD(killed_in_the_middle_of_any_write_it_goes_on_the_same);
    ADD(killed_at_any_change_every_command_comes_to_the_same);
    ADD(a_few_bytes_at_a_time_and_interruptions_change_nothing);
    ADD(killed_at_random_moments_it_ends_the_same);
    ADD(a_full_disk_keeps_the_last_checkpoint);
    ADD(any_flipped_bit_is_noticed);
}
