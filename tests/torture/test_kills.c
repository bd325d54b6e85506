// A process that is killed at any change to a file, or at any moment, leaves whole models, and the same command then
// comes to the same results. `make check` tries a few kills, `make torture` all.
#include "torture/trials.h"

#include <unistd.h>

// `more` is added to the command that goes on.
static const struct {
    const char *how, *words, *more;
} KILLED[] = {
    {"kill", "train c.json --run new --quiet", "--resume"},
    {"torn", "train c.json --run new --quiet", "--resume"},
    {"kill", "train c.json --run run --quiet --force", ""},
    {"kill", "train c.json --run run --quiet --resume --steps 40", ""},
    {"torn", "train c.json --run run --quiet --resume --steps 40", ""},
    {"kill", "train c.json --run new --quiet --seeds 2", "--resume"},
    {"kill", "train c.json --run new --quiet --seeds 2 --sweep train.lr=0.1,0.2", "--resume"},
    {"kill", "train c.json --run group --quiet --seeds 3 --resume", ""},
    {"kill", "train c.json --run group --quiet --seeds 2 --force", ""},
    {"kill", "train n.json --run counts --quiet --force", ""},
    {"kill", "calibrate run", ""},
    {"kill", "fold run", ""},
    {"kill", "init mlp-bn --data names.txt -o first.json", ""},
    {"kill", "gradcheck c.json --batch 2 --dump dump.safetensors", ""},
    {"kill", "report run -o page.html", ""},
    {"kill", "plot run --out plots", ""},
};

// With --seeds the processes of the runs change the files, and the report is of their parent.
enum { LEAST_CHANGES = 15 };

// Processes of a group whose parent was killed may hold their locks for a moment.
static Output run_again(const char *words, const char *more) {
    const char *command = textf("%s %s", words, more);
    Output output = faulty("", NULL, command);
    while (strstr(output.err, "is using the directory")) {
        usleep(10000);
        output = faulty("", NULL, command);
    }
    return output;
}

static void expect_same_after_kills(const char *how, const char *words, const char *more) {
    Calls all;
    put_runs();
    Output whole = faulty("", &all, words);
    ck_assert_msg(whole.status == 0, "%s: %s", words, whole.err);
    if (strstr(words, "--seeds") && all.changes < LEAST_CHANGES) all.changes = LEAST_CHANGES;
    ck_assert_uint_gt(all.changes, 0);
    keep_results();
    for (unsigned long n = 1; n <= all.changes; n += stride(all.changes)) {
        const char *fault = textf("%s:%lu", how, n);
        put_runs();
        ck_assert_msg(faulty(fault, NULL, words).status != 0, "%s, %s", fault, words);
        expect_runs_are_whole(fault, words);
        Output output = run_again(words, more);
        bool is_made = strncmp(words, "init", 4) == 0 && strstr(output.err, "exists");
        ck_assert_msg(output.status == 0 || is_made, "%s, %s %s: %s", fault, words, more, output.err);
        expect_same_results(fault, words);
        expect_same_pictures(fault, words);
    }
}

START_TEST(killed_at_any_change_every_command_comes_to_the_same) {
    make_kept_runs();
    for (size_t i = 0; i < COUNT(KILLED); i++) expect_same_after_kills(KILLED[i].how, KILLED[i].words, KILLED[i].more);
}
END_TEST

START_TEST(short_reads_and_writes_change_nothing) {
    static const char *const commands[] = {"train c.json --run new --quiet",
                                           "eval run",
                                           "sample run -n 3",
                                           "diagnose run",
                                           "info run",
                                           "plot run --out plots",
                                           "report run -o page.html"};
    make_kept_runs();
    for (size_t i = 0; i < COUNT(commands); i++) {
        put_runs();
        Output whole = faulty("", NULL, commands[i]);
        keep_results();
        put_runs();
        Output output = faulty("bits", NULL, commands[i]);
        ck_assert_msg(whole.status == 0 && output.status == 0, "%s: %s%s", commands[i], whole.err, output.err);
        ck_assert_str_eq(output.out, whole.out);
        expect_same_results("bits", commands[i]);
        expect_same_pictures("bits", commands[i]);
    }
}
END_TEST

// Kills a training after a random time and resumes it, until it ends.
START_TEST(killed_at_random_moments_it_ends_the_same) {
    static const char options[] = "--steps 20000 --quiet --set train.log_every=100 --set train.eval_every=700 "
                                  "--set train.checkpoint_every=500";
    const char *run = scratch("run");
    ck_assert_int_eq(train("whole", options).status, 0);
    unsigned long kills = 0, wanted = is_torture() ? 200 : 3;
    unsigned seed = (unsigned)getpid();
    printf("random moments of seed %u\n", seed);
    while (kills < wanted) {
        shell("rm -rf '%s'", run);
        unsigned round = 0; // each round lasts longer, so that the training ends on a slow machine too
        for (int status = 137; status == 137; kills += status == 137) {
            seed = seed * 1103515245 + 12345;
            unsigned ms = 5 + (seed >> 16) % 50 + 5 * round++;
            Output output = shell(
                "\"$NOMEN\" train '%s' --run '%s' %s --resume & p=$!; (sleep %u.%03u; kill -KILL $p) 2>/dev/null & "
                "wait $p",
                scratch("c.json"), run, options, ms / 1000, ms % 1000);
            status = output.status;
            ck_assert_msg(status == 137 || (status == 0 && output.err[0] == '\0'), "%d: %s", status, output.err);
            expect_model_is_whole(run);
        }
        expect_same_runs(run, scratch("whole"));
    }
}
END_TEST

START_TEST(any_flipped_bit_is_noticed) {
    // The stride of `make check` has no factor in common with 8: it meets each bit of a byte.
    size_t n, step = is_torture() ? 1 : 101;
    char *bytes = read_text(inside(make_run(), "model.safetensors"), &n);
    const char *copy = scratch("copy.safetensors");
    for (size_t bit = 0; bit < 8 * n; bit += step) {
        Arena arena = {0};
        SafeTensors content;
        Error err = {0};
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        write_bytes(copy, bytes, n);
        ck_assert_msg(!safetensors_read(copy, &content, &arena, &err), "bit %zu of %zu", bit, 8 * n);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        arena_free(&arena);
    }
}
END_TEST

SUITE(kills, NEEDS_NOTHING) {
    ADD(killed_at_any_change_every_command_comes_to_the_same);
    ADD(short_reads_and_writes_change_nothing);
    ADD(killed_at_random_moments_it_ends_the_same);
    ADD(any_flipped_bit_is_noticed);
}
