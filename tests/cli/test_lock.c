// A run directory is one process's own while that trains in it, and can be read all the same.
#include "cli/run.h"

#include "base/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// Words of the shell: TRAINS begins a training without end in $R and waits for its first checkpoint, of which it writes
// one after another; ENDS kills it.
#define BEGINS "--version >/dev/null; N=${NOMEN:-build/nomen} F=${NOMEN_FAULTY:-build/torture/nomen}; C='%s' R='%s'; "
#define HAS_CHECKPOINT UNTIL("[ -f $R/model.safetensors ]")
#define TRAINS BEGINS "$N train $C --run $R --quiet --set train.checkpoint_every=1 & p=$!; " HAS_CHECKPOINT
#define ENDS "s=$?; kill -KILL $p; wait $p 2>/dev/null; exit $s"
// Before a training that opens the lock's file and then waits for $L to go before it locks it: tests/torture/faults.c.
#define IS_LATE "L=$R.late; NOMEN_FAULT=late:$L $F "
#define IS_THERE UNTIL("[ -e $L ]")

// The process that the lock names, which must be one.
static long holder(const char *run) {
    long process = 0;
    ck_assert_int_eq(sscanf(read_text(inside(run, ".nomen-lock"), NULL), "%ld", &process), 1);
    return process;
}

START_TEST(a_second_training_is_refused) {
    const char *run = scratch("run");
    static const char *const seconds[] = {
        "$N train $C --run $R --resume",
        "$N train $C --run $R --resume=anyway --steps 5",
        "$N train $C --run $R --force",
        "$N train $C --run $R",
        "$N calibrate $R",
    };
    for (size_t i = 0; i < COUNT(seconds); i++) {
        nomen("--version; rm -rf '%s'", run);
        Output output = nomen(TRAINS "%s; " ENDS, write_config(), run, seconds[i]);
        expect_refusal(output, 1, "nomen: %s: process %ld is at work in it; wait for its end, or end it", run,
                       holder(run));
    }
}
END_TEST

START_TEST(a_training_that_is_killed_gives_the_dir_back) {
    const char *run = scratch("run");
    ck_assert_int_eq(nomen(TRAINS ENDS, write_config(), run).status, 0);
    ck_assert(exists(inside(run, ".nomen-lock")));
    char options[64];
    snprintf(options, sizeof options, "--resume --quiet --steps %llu", step_of(run) + 100);
    Output output = train("run", options);
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
    ck_assert(!exists(inside(run, ".nomen-lock")));
    // Killed before anything else was written, it leaves a directory that is as good as empty.
    nomen("--version; rm -r '%s'; mkdir '%s'; echo 1 > '%s/.nomen-lock'", run, run, run);
    ck_assert_int_eq(train("run", "--steps 20 --quiet").status, 0);
    ck_assert(!exists(inside(run, ".nomen-lock")));
}
END_TEST

START_TEST(a_run_of_a_group_is_the_groups_own) {
    const char *group = scratch("group"), *first = scratch("group/seed-3");
    const char *config = write_config();
    Output output =
        nomen("--version >/dev/null; N=${NOMEN:-build/nomen}; $N train '%s' --run '%s' --seed 3 --seeds 2 "
              "--quiet & p=$!; " UNTIL(
                  "[ -f '%s/model.safetensors' ]") "$N train '%s' --run '%s' --seed 3 --resume; s=$?; cp "
                                                   "'%s/.nomen-lock' '%s'; kill $p; wait $p 2>/dev/null; exit $s",
              config, group, first, config, first, first, scratch("lock"));
    long process = 0;
    ck_assert_int_eq(sscanf(read_text(scratch("lock"), NULL), "%ld", &process), 1);
    char line[2 * PATH_MAX];
    snprintf(line, sizeof line, "nomen: %s: process %ld is at work in it; wait for its end, or end it\n", first,
             process);
    ck_assert_msg(strstr(output.err, line) && output.status == 1, "%d: %s", output.status, output.err);
    ck_assert(!exists(inside(first, ".nomen-lock")));
}
END_TEST

START_TEST(what_reads_a_run_in_training_sees_it_whole) {
    const char *run = scratch("run");
    Output output = nomen(TRAINS "for i in $(seq 30); do $N eval $R && $N info $R && $N sample $R -n 3 && "
                                 "$N plot $R loss --out '%s' || { s=1; break; }; done >/dev/null; [ -z $s ]; " ENDS,
                          write_config(), run, scratch("plots"));
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
}
END_TEST

// One that has not yet written its number, or could not.
START_TEST(a_lock_without_a_number_is_a_lock) {
    const char *run = make_run();
    write_text(inside(run, ".nomen-lock"), "");
    int descriptor = open(inside(run, ".nomen-lock"), O_RDWR);
    ck_assert_int_eq(flock(descriptor, LOCK_EX), 0);
    expect_refusal(train("run", "--resume --steps 200"), 1,
                   "nomen: %s: another process is at work in it; wait for its end, or end it", run);
    ck_assert_int_eq(pwrite(descriptor, "none", 4, 0), 4);
    expect_refusal(nomen("calibrate '%s'", run), 1,
                   "nomen: %s: another process is at work in it; wait for its end, or end it", run);
    close(descriptor);
}
END_TEST

START_TEST(a_refused_start_leaves_what_it_found) {
    const char *dir = scratch("mine"), *target = scratch("target");
    write_config();
    write_text(target, "mine");
    nomen("--version; mkdir '%s'; echo mine > '%s/lock'; echo hi > '%s/other'; ln -s '%s' '%s/.nomen-lock'", dir, dir,
          dir, target, dir);
    ck_assert_int_eq(nomen("train '%s' --run '%s'", scratch("c.json"), dir).status, 1);
    ck_assert_str_eq(read_text(target, NULL), "mine");
    nomen("--version; rm '%s/.nomen-lock'", dir);
    expect_refusal(nomen("train '%s' --run '%s'", scratch("c.json"), dir), 1,
                   "nomen: %s: the directory is not empty, and holds no run; --run names another", dir);
    ck_assert_str_eq(read_text(inside(dir, "lock"), NULL), "mine\n");
    ck_assert(!exists(inside(dir, ".nomen-lock")));
}
END_TEST

// As of another user, whose lock can be read and not written: what root may do beyond that is given up first.
START_TEST(a_lock_that_cannot_be_written_holds) {
    static const char *const seconds[] = {"train $C --run $R --resume", "train $C --run $R --force", "calibrate $R"};
    const char *plain = without_override("a lock that cannot be written"), *run = scratch("run");
    if (!plain) return;
    for (size_t i = 0; i < COUNT(seconds); i++) {
        nomen("--version; rm -rf '%s'", run);
        Output output =
            nomen(TRAINS "chmod 444 $R/.nomen-lock; %s $N %s; " ENDS, write_config(), run, plain, seconds[i]);
        expect_refusal(output, 1, "nomen: %s: process %ld is at work in it; wait for its end, or end it", run,
                       holder(run));
    }
    // The holder was killed, and its file stays: it is no one's, and locks again, without the number of the first.
    Output output =
        nomen(BEGINS "rm $R/model.safetensors; %s $N train $C --run $R --force --quiet --set train.checkpoint_every=1 "
                     "& p=$!; " HAS_CHECKPOINT "%s $N train $C --run $R --force; " ENDS,
              scratch("c.json"), run, plain, plain);
    expect_refusal(output, 1, "nomen: %s: another process is at work in it; wait for its end, or end it", run);
}
END_TEST

// Several that start at once, when one that ends removes the lock's file: one has the directory, whoever it is.
START_TEST(of_many_starts_at_once_one_goes_ahead) {
    const char *config = write_config();
    char line[PATH_MAX + 64];
    snprintf(line, sizeof line, "nomen: %s: ", scratch("run"));
    for (int round = 0; round < 12; round++) {
        nomen("--version; rm -rf '%s'", scratch("run"));
        Output output = nomen("--version >/dev/null; N=${NOMEN:-build/nomen}; for i in 1 2 3 4 5 6; do $N train '%s' "
                              "--run '%s' --quiet --force --steps 3 & done; wait",
                              config, scratch("run"));
        size_t n_refused = 0;
        for (char *at = output.err, *next; *at; at = next, n_refused++) {
            next = at + strcspn(at, "\n") + 1;
            next[-1] = '\0';
            ck_assert_msg(strncmp(at, line, strlen(line)) == 0 && strstr(at, " is at work in it; "), "%s", at);
        }
        ck_assert_uint_lt(n_refused, 6);
        read_model(scratch("run"), "model.safetensors");
        ck_assert(!exists(inside(scratch("run"), ".nomen-lock")));
    }
}
END_TEST

// One opens the lock's file and asks for the lock when that file has gone and another's stands there.
START_TEST(a_lock_on_a_file_that_is_gone_is_none) {
    Output output =
        nomen(TRAINS IS_LATE "train $C --run $R --force --quiet & late=$!; " IS_THERE
                             "kill -KILL $p; rm $R/.nomen-lock; $N train $C --run $R --force --quiet & q=$!; " UNTIL(
                                 "grep -qs $q $R/.nomen-lock") "rm $L; wait $late; s=$?; kill -KILL $q; wait; exit $s",
              write_config(), scratch("run"));
    const char *newline = strchr(output.err, '\n');
    ck_assert_msg(output.status == 1 && strstr(output.err, " is at work in it; wait for its end, or end it\n") &&
                      newline && !newline[1],
                  "%d: %s", output.status, output.err);
}
END_TEST

// The directory that a training has made goes before it is locked: it is made again, and locked.
START_TEST(a_dir_that_goes_before_it_is_locked_is_made_again) {
    const char *run = scratch("run");
    Output output = nomen(BEGINS IS_LATE "train $C --run $R --quiet --set train.checkpoint_every=1 & p=$!; " IS_THERE
                                         "rm -r $R $L; " HAS_CHECKPOINT "$N train $C --run $R --force; " ENDS,
                          write_config(), run);
    expect_refusal(output, 1, "nomen: %s: process %ld is at work in it; wait for its end, or end it", run, holder(run));
    DirLock lock = {0};
    Arena arena = {0};
    Error err;
    ck_assert(!dir_lock(&lock, scratch("none"), &arena, &err) && !lock.is_held);
    ck_assert_str_eq(err.text, scratch("none/.nomen-lock: no such file or directory"));
    arena_free(&arena);
}
END_TEST

// One finds no directory, makes it, and has it only when another has begun and ended a run there.
START_TEST(a_run_that_was_made_meanwhile_is_kept) {
    const char *run = scratch("run");
    Output output = nomen(BEGINS IS_LATE "train $C --run $R --quiet --steps 30 & p=$!; " IS_THERE
                                         "$N train $C --run $R --quiet --steps 20; rm $L; wait $p",
                          write_config(), run);
    expect_refusal(output, 1,
                   "nomen: %s: there is a run already; --resume goes on with it, --force replaces it, --run names "
                   "another",
                   run);
    ck_assert_uint_eq(step_of(run), 20);
}
END_TEST

// A training that is done with one checkpoint, as the rows after it show, and is held before it comes to its next: in
// the midst of one are some microseconds in which it would write into what stands there then.
#define HOLDS_RUN                                                                                       \
    HOLDS("\"$NOMEN\" train c.json --run run --set train.log_every=1 --set train.checkpoint_every=500") \
    UNTIL("[ -f run/metrics.csv ] && [ $(wc -l <run/metrics.csv) -gt 510 ]")

// What then stands at its place is another's, and so is the lock there.
START_TEST(a_training_whose_dir_is_moved_ends) {
    static const char *const moves[] = {"mv run run.moved", "rm -r run"};
    ck_assert_int_eq(train("whole", "--steps 60 --quiet").status, 0);
    for (size_t i = 0; i < COUNT(moves); i++) {
        char words[1024];
        snprintf(words, sizeof words,
                 "--version >/dev/null; rm -rf run; " HOLDS_RUN
                 "%s; \"$NOMEN\" train c.json --run run --quiet --steps 60; echo $?; " RELEASES "wait $p",
                 moves[i]);
        Output output = nomen_in_scratch(words);
        ck_assert_str_eq(output.out, "0\n");
        ck_assert_int_eq(output.status, 1);
        ck_assert_str_eq(output.err,
                         "nomen: run: the directory was moved, removed or begun anew while a process was at "
                         "work in it; what it had written until then is in the one that was there\n");
        expect_same_runs(scratch("run"), scratch("whole"));
        ck_assert(!exists(scratch("run/.nomen-lock")));
    }
    Output output = train("run.moved", "--quiet --resume --steps 1000 --set train.eval_every=1");
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
}
END_TEST

// Its end takes no other's lock away.
START_TEST(an_end_leaves_the_lock_of_another) {
    write_config();
    Output output = nomen_in_scratch(
        "--version >/dev/null; " HOLDS_RUN
        "mv run run.moved; \"$NOMEN\" train c.json --run run --quiet & q=$!; " UNTIL("[ -f run/model.safetensors ]")
            RELEASES "wait $p; \"$NOMEN\" train c.json --run run --force; s=$?; kill -KILL $q; wait; exit $s");
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(output.err, " is at work in it; wait for its end, or end it\n"));
}
END_TEST

// What --force would take away is locked, every run of it, before any is removed; and so is the group itself.
START_TEST(a_group_that_is_refused_has_lost_nothing) {
    static const char *const seconds[] = {"--seeds 1 --seed 20 --force", "--seeds 4 --seed 6 --force"};
    const char *group = scratch("group");
    write_config();
    ck_assert_int_eq(
        nomen("train '%s' --run '%s' --seed 7 --seeds 2 --steps 60 --quiet", scratch("c.json"), group).status, 0);
    for (size_t i = 0; i < COUNT(seconds); i++) {
        Output output = nomen(TRAINS "$N train $C --run '%s' --quiet %s; " ENDS, scratch("c.json"),
                              scratch("group/seed-9"), group, seconds[i]);
        expect_refusal(output, 1, "nomen: %s: process %ld is at work in it; wait for its end, or end it",
                       scratch("group/seed-9"), holder(scratch("group/seed-9")));
        nomen("--version; rm -r '%s'", scratch("group/seed-9"));
        ck_assert_uint_eq(step_of(scratch("group/seed-7")), 60);
        ck_assert_uint_eq(step_of(scratch("group/seed-8")), 60);
        ck_assert(!exists(scratch("group/seed-20")) && !exists(scratch("group/seed-6")));
        ck_assert(!exists(scratch("group/.nomen-lock")));
    }
}
END_TEST

START_TEST(a_group_in_training_becomes_no_run) {
    const char *group = scratch("group");
    Output output = nomen(
        "--version >/dev/null; N=${NOMEN:-build/nomen}; $N train '%s' --run '%s' --seeds 2 --quiet & p=$!; " UNTIL(
            "[ -f '%s/seed-2147483647/config.json' ]") "$N train '%s' --run '%s'; s=$?; cp '%s/.nomen-lock' '%s'; kill "
                                                       "-TERM $p; wait $p 2>/dev/null; exit $s",
        write_config(), group, group, scratch("c.json"), group, group, scratch("lock"));
    ck_assert_int_eq(output.status, 1);
    char line[2 * PATH_MAX];
    snprintf(line, sizeof line, "nomen: %s: process %ld is at work in it; wait for its end, or end it\n", group,
             strtol(read_text(scratch("lock"), NULL), NULL, 10));
    ck_assert_msg(strncmp(output.err, line, strlen(line)) == 0, "%s", output.err);
}
END_TEST

// Where the model file is a link, the run's own directory is locked, not that of its file alone.
START_TEST(a_linked_model_is_calibrated_by_one) {
    const char *run = make_run();
    nomen("--version; mkdir '%s'; mv '%s/model.safetensors' '%s'; ln -s ../big/model.safetensors '%s'", scratch("big"),
          run, scratch("big"), run);
    Output output = nomen("--version >/dev/null; N=${NOMEN:-build/nomen}; $N train '%s' --run '%s' --quiet --resume "
                          "--steps 5000000000 & p=$!; " UNTIL("[ -s '%s/.nomen-lock' ]") "$N calibrate '%s'; " ENDS,
                          scratch("c.json"), run, run, run);
    ck_assert_int_eq(output.status, 1);
    ck_assert_msg(strstr(output.err, " is at work in it; wait for its end, or end it\n"), "%s", output.err);
}
END_TEST

// A pipe in the lock's place is opened by nobody.
START_TEST(a_pipe_is_no_lock) {
    const char *run = make_run(), *lock = inside(run, ".nomen-lock");
    ck_assert_int_eq(mkfifo(lock, 0444), 0);
    expect_refusal(train("run", "--resume --steps 200"), 1, "nomen: %s: expected a file, found a pipe", lock);
    ck_assert(exists(lock));
}
END_TEST

START_TEST(a_reader_that_is_gone_at_the_start_ends_no_training) {
    const char *config = write_config();
    static const char *const options[] = {"", "--seeds 2"};
    for (size_t i = 0; i < COUNT(options); i++) {
        nomen("--version; rm -rf '%s'", scratch("run"));
        Output output = nomen("--version >/dev/null; { ${NOMEN:-build/nomen} train '%s' --run '%s' --steps 60 %s; "
                              "echo $? >'%s'; } | true",
                              config, scratch("run"), options[i], scratch("status"));
        ck_assert_str_eq(output.err, "");
        ck_assert_str_eq(read_text(scratch("status"), NULL), "0\n");
        ck_assert(exists(inside(scratch("run"), i == 0 ? "model.safetensors" : "seed-2147483647/model.safetensors")));
    }
}
END_TEST

SUITE(cli_lock, NEEDS_NOTHING) {
    ADD(a_second_training_is_refused);
    ADD(a_training_that_is_killed_gives_the_dir_back);
    ADD(a_run_of_a_group_is_the_groups_own);
    ADD(what_reads_a_run_in_training_sees_it_whole);
    ADD(a_lock_without_a_number_is_a_lock);
    ADD(a_refused_start_leaves_what_it_found);
    ADD(a_lock_that_cannot_be_written_holds);
    ADD(of_many_starts_at_once_one_goes_ahead);
    ADD(a_lock_on_a_file_that_is_gone_is_none);
    ADD(a_dir_that_goes_before_it_is_locked_is_made_again);
    ADD(a_run_that_was_made_meanwhile_is_kept);
    ADD(a_training_whose_dir_is_moved_ends);
    ADD(an_end_leaves_the_lock_of_another);
    ADD(a_group_that_is_refused_has_lost_nothing);
    ADD(a_group_in_training_becomes_no_run);
    ADD(a_linked_model_is_calibrated_by_one);
    ADD(a_pipe_is_no_lock);
    ADD(a_reader_that_is_gone_at_the_start_ends_no_training);
}
