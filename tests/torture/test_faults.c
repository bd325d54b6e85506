// Every call to the system and every allocation may fail: see torture/faults.c. A bounded form runs with `make check`,
// the whole with `make torture`.
#include "torture/kept_runs.h"

// Behind the notes that the command has made before, as it does where all goes well.
static const char *behind_notes(const char *words, const char *notes) {
    for (size_t n; *notes; words += n, notes += n) {
        n = strcspn(notes, "\n") + 1;
        if (strncmp(words, notes, n) != 0) break;
    }
    return words;
}

// One line of words, whatever went wrong, and nothing that stays behind.
static void expect_one_line(const Output *output, const Output *whole, const Calls *calls, const char *fault,
                            const char *words) {
    const char *line = behind_notes(output->err, whole->err), *newline = strchr(line, '\n');
    ck_assert_msg(output->status == 1, "%s, %s: status %d: %s", fault, words, output->status, output->err);
    ck_assert_msg(strncmp(line, "nomen: ", 7) == 0 && newline && newline[1] == '\0' && newline[-1] != ' ', "%s, %s: %s",
                  fault, words, output->err);
    // What is there and right is not blamed for memory that ran out.
    bool blames = strstr(output->err, "JSON") || strstr(output->err, "is missing") || strstr(output->err, "damaged");
    ck_assert_msg(!blames, "%s, %s: %s", fault, words, output->err);
    ck_assert_msg(calls->live == 0, "%s, %s: %lu pieces of memory or descriptors are not given back", fault, words,
                  calls->live);
}

// Of the first WHOLE every call fails in torture, met on another way or not.
enum { WHOLE = 5 };
static const char *const COMMANDS[] = {
    "train c.json --run new --quiet",
    "eval run",
    "sample run -n 20",
    "report run --no-plots",
    "report run",
    "train c.json --run run --quiet --resume --steps 40",
    "train c.json --run run --quiet --force",
    "train c.json --run new --quiet --seeds 2",
    "train c.json --run new --quiet --steps 3 --threads 2 --set train.batch_size=512",
    "train c.json --run group --quiet --seeds 3 --resume",
    "train c.json --run group --quiet --seeds 2 --force",
    "train s.json --run sgd --quiet --resume --steps 40 --set train.early_stop.patience=90",
    "train s.json --run new --quiet --set train.clip_norm=1 --set train.l2_mean=0.1 --set data.unique=true",
    "train s.json --run new --quiet --steps 3 --set train.batch_size=2048",
    "train s.json --run new --quiet --steps 3 --set train.batch_size=all --data near.txt",
    "train s.json --run extra --quiet --resume --steps 30 --set 'train.lr[1]=[9,0.01]'",
    "train c.json --run group --quiet --seeds 1 --force",
    "train small --run new --quiet",
    "train n.json --run new --quiet",
    "train n.json --run counts --quiet --force",
    "eval run --data more.txt --json",
    "eval counts",
    "sample run -n 20 --report",
    "sample run -n 3 --json",
    "info run",
    "next run",
    "diagnose run",
    "diagnose s.json --steps 3 --csv",
    "calibrate run",
    "score run names.txt",
    "score counts names.txt --csv",
    "score run names.txt --per-char --json",
    "compare run other",
    "compare group counts",
    "compare group run/best.safetensors --best --json",
    "compare run other --json",
    "plot run",
    "lr-find c.json --steps 30",
    "gradcheck c.json --batch 2",
    "gradcheck c.json --batch 2 --dump dump.safetensors",
    "verify c.json",
    "verify s.json n.json --json",
    "audit names.txt",
    "audit s.json",
    "audit more.txt",
    "audit near.txt",
    "audit names.txt --json",
    "init mlp-bn --data names.txt -o first.json",
    "softmax 1 2 3",
    "schema",
    "plot run other --out plots",
    "plot group counts --out plots",
    "plot counts --out plots",
    "plot run/best.safetensors --out plots",
    "report counts -o page.html",
    "report run/best.safetensors --no-plots -o page.html",
    "sample run -n 3 -p a --new -t 0.5,1",
    "sample counts -n 3 --new --report --json",
    "next run -p ad --json",
    "next counts -p a -t 0.5,2",
    "info run --json",
    "info counts",
    "init bigram --data names.txt -o first.json",
    "init wavenet --data names.txt -o first.json",
    "softmax 1 2 3 --target 1 --jacobian --json",
    "softmax 1 2 3 -t 0.5,1,2",
    "softmax <numbers.txt",
    "configs --json",
    "man",
    "man train",
    "man config",
    "completion bash",
    "completion zsh",
    "next --help",
    "train c.json --run new >/dev/null",
    "train c.json --run new --set train.lr=0 --set train.early_stop.patience=1 >/dev/null",
    "train c.json --run run --resume --steps 40 >/dev/null",
    "train c.json --run run --resume >/dev/null",
    "train c.json --run new --seeds 2 >/dev/null",
    "train c.json --run group --seeds 2 --force --seed 9 >/dev/null",
    "train n.json --run new >/dev/null",
};

// The same as ever, and all of it on the disk; pages and pictures may go without what could not be read, and say so.
static void expect_all_is_well(const Output *output, const Output *whole, const Calls *calls, const char *fault,
                               const char *words) {
    ck_assert_msg(calls->live == 0 && calls->unsynced == 0 && !calls->is_grave,
                  "%s, %s: all is said to be well; not given back: %lu, not synced: %lu, a failure passed over: %lu",
                  fault, words, calls->live, calls->unsynced, calls->is_grave);
    static const char *const reasons[] = {": input/output error", ": too many open files",
                                          ": function not implemented"};
    if (strcmp(output->err, whole->err) == 0 && strcmp(output->out, whole->out) == 0) return;
    bool is_said = false;
    for (size_t i = 0; i < COUNT(reasons); i++) is_said = is_said || strstr(output->err, reasons[i]);
    bool may_go_without = strncmp(words, "report", 6) == 0 || strncmp(words, "plot", 4) == 0;
    ck_assert_msg(is_said && may_go_without, "%s, %s: %s%s", fault, words, output->out, output->err);
}

static void note_all(Calls *calls) {
    ck_assert_uint_le(calls->all, MOST_PLACES);
    for (calls->n_noted = 0; calls->n_noted < calls->all; calls->n_noted++)
        calls->noted[calls->n_noted] = calls->n_noted + 1;
}

// Each call fails of those that are the first on their way from main: one line says so, or all goes well without it.
// With NOMEN_FAULT_KNOWN, as make coverage has it, as few of them as meet every place of the program that may fail.
static void expect_failures_are_told(const char *words, bool is_whole) {
    static Calls all, calls;
    put_runs();
    Output whole = faulty("note", &all, words);
    calls = all;
    ck_assert_msg(whole.status == 0 && all.live == 0 && all.all > 0, "%s: %s, %lu", words, whole.err, all.live);
    if (all.changes > 0) keep_results();
    ck_assert_msg(all.unsynced == 0, "%s: %lu syncs are missing", words, all.unsynced);
    if (is_whole && getenv("NOMEN_TORTURE")) note_all(&all);
    unsigned long n_failed = 0, step = getenv("NOMEN_FAULT_KNOWN") ? 1 : stride(all.n_noted);
    for (size_t i = 0; i < all.n_noted; i += step) {
        char fault[32];
        if (calls.changes > 0) put_runs();
        snprintf(fault, sizeof fault, "fail:%lu", all.noted[i]);
        Output output = faulty(fault, &calls, words);
        if (output.status == 0)
            expect_all_is_well(&output, &whole, &calls, fault, words);
        else
            expect_one_line(&output, &whole, &calls, fault, words);
        bool is_well = output.status == 0 && all.changes > 0;
        if (is_well) expect_same_results(fault, words);
        if (is_well && strcmp(output.err, whole.err) == 0) expect_same_pictures(fault, words);
        expect_runs_are_whole(fault, words);
        n_failed += output.status != 0;
    }
    printf("%s: %lu calls, %zu that may fail, %lu failures told\n", words, all.all, all.n_noted, n_failed);
}

START_TEST(every_call_may_fail) {
    make_kept_runs();
    put_stand_in_for_gnuplot();
    for (size_t i = 0; i < COUNT(COMMANDS); i++) expect_failures_are_told(COMMANDS[i], i < WHOLE);
}
END_TEST

SUITE(faults, NEEDS_NOTHING) { ADD(every_call_may_fail); }
