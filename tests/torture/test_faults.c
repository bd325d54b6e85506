// Each system call and each allocation may fail: the command then prints one line and harms nothing, or succeeds
// without the call. `make check` tries a few calls per command, `make torture` all.
#include "torture/trials.h"

// Skips the notes at the start of `text` that the command also prints without a fault.
static const char *skip_notes(const char *text, const char *notes) {
    for (size_t n; *notes; text += n, notes += n) {
        n = strcspn(notes, "\n") + 1;
        if (strncmp(text, notes, n) != 0) break;
    }
    return text;
}

static void expect_one_line(const Output *output, const Output *whole, const Calls *calls, const char *fault,
                            const char *words) {
    const char *line = skip_notes(output->err, whole->err), *newline = strchr(line, '\n');
    ck_assert_msg(output->status == 1, "%s, %s: status %d: %s", fault, words, output->status, output->err);
    ck_assert_msg(strncmp(line, "nomen: ", 7) == 0 && newline && newline[1] == '\0' && newline[-1] != ' ', "%s, %s: %s",
                  fault, words, output->err);
    // The line must not blame the content of a file.
    bool blames = strstr(output->err, "JSON") || strstr(output->err, "is missing") || strstr(output->err, "damaged");
    ck_assert_msg(!blames, "%s, %s: %s", fault, words, output->err);
    ck_assert_msg(calls->live == 0, "%s, %s: %lu allocations or descriptors leak", fault, words, calls->live);
}

// In torture every call of the first WHOLE commands fails, not only those with a new stack of callers.
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
    "train n.json --run new --sweep model.smoothing=0.5,1",
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
    "fold run",
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
    "audit table.csv",
    "init counts --data table.csv",
    ("train s.json --run new --quiet --steps 3 --data table.csv --set data.column=name --set data.weight=n --set "
     "data.normalize=NFC --set data.unique=true --set data.split=[1]"),
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
    "sample run -n 3 -p a --new --distinct -t 0.5,1",
    "sample counts -n 3 --new --report --json",
    "next run -p ad --json",
    "next counts -p a -t 0.5,2",
    "info run --json",
    "info counts",
    "softmax 1 2 3 --target 1 --jacobian --json",
    "softmax 1 2 3 -t 0.5,1,2",
    "configs --json",
    "man",
    "man train",
    "man config",
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

// The output is that without a fault, and all files are synced. Pages and pictures may leave out what could not be read
// if the command says so.
static void expect_all_is_well(const Output *output, const Output *whole, const Calls *calls, const char *fault,
                               const char *words) {
    ck_assert_msg(calls->live == 0 && calls->unsynced == 0 && !calls->is_grave,
                  "%s, %s reports success: %lu leaks, %lu missing syncs, %lu grave failures", fault, words, calls->live,
                  calls->unsynced, calls->is_grave);
    static const char *const reasons[] = {": input/output error", ": too many open files",
                                          ": function not implemented"};
    if (strcmp(output->err, whole->err) == 0 && strcmp(output->out, whole->out) == 0) return;
    bool is_said = false;
    for (size_t i = 0; i < COUNT(reasons); i++) is_said = is_said || strstr(output->err, reasons[i]);
    bool may_leave_out = strncmp(words, "report", 6) == 0 || strncmp(words, "plot", 4) == 0;
    ck_assert_msg(is_said && may_leave_out, "%s, %s: %s%s", fault, words, output->out, output->err);
}

static void note_all(Calls *calls) {
    ck_assert_uint_le(calls->all, MAX_NOTED);
    for (calls->n_noted = 0; calls->n_noted < calls->all; calls->n_noted++)
        calls->noted[calls->n_noted] = calls->n_noted + 1;
}

// With NOMEN_FAULT_KNOWN (`make coverage`) the noted calls are the few that meet every place that may fail: all are
// tried.
static void expect_failures_are_reported(const char *words, bool is_whole) {
    static Calls all, calls;
    put_runs();
    Output whole = faulty("note", &all, words);
    calls = all;
    ck_assert_msg(whole.status == 0 && all.live == 0 && all.all > 0, "%s: %s, %lu", words, whole.err, all.live);
    if (all.changes > 0) keep_results();
    ck_assert_msg(all.unsynced == 0, "%s: %lu syncs are missing", words, all.unsynced);
    if (is_whole && is_torture()) note_all(&all);
    unsigned long n_failed = 0, step = getenv("NOMEN_FAULT_KNOWN") ? 1 : stride(all.n_noted);
    for (size_t i = 0; i < all.n_noted; i += step) {
        const char *fault = textf("fail:%lu", all.noted[i]);
        if (calls.changes > 0) put_runs();
        Output output = faulty(fault, &calls, words);
        if (output.status == 0)
            expect_all_is_well(&output, &whole, &calls, fault, words);
        else
            expect_one_line(&output, &whole, &calls, fault, words);
        bool is_well = output.status == 0 && all.changes > 0;
        if (is_well) expect_same_results(fault, words);
        if (is_well && strcmp(output.err, whole.err) == 0) expect_same_pictures(fault, words);
        if (all.changes > 0) expect_runs_are_whole(fault, words);
        n_failed += output.status != 0;
    }
    if (is_torture())
        printf("%s: %lu calls, %zu that may fail, %lu failures reported\n", words, all.all, all.n_noted, n_failed);
}

START_TEST(every_call_may_fail) {
    make_kept_runs();
    for (size_t i = 0; i < COUNT(COMMANDS); i++) expect_failures_are_reported(COMMANDS[i], i < WHOLE);
}
END_TEST

SUITE(faults, NEEDS_NOTHING) { ADD(every_call_may_fail); }
