// Nothing leaves its place: files get the user's umask, links that somebody planted are not followed, and no config
// makes a run land elsewhere.
#include "cli/run.h"

#include "base/file.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned mode_of(const char *path) {
    struct stat info;
    ck_assert_msg(stat(path, &info) == 0, "no %s", path);
    return info.st_mode & 0777;
}

START_TEST(files_and_dirs_get_the_users_umask) {
    static const mode_t masks[] = {0, 022, 027, 077};
    const char *config = write_config();
    for (size_t i = 0; i < COUNT(masks); i++) {
        const char *run = scratch("made/below");
        nomen("--version; rm -rf '%s'", scratch("made"));
        mode_t old = umask(masks[i]);
        Output output = nomen(
            "train '%s' --run '%s' --steps 100 --quiet && ${NOMEN:-build/nomen} report '%s' --no-plots -o '%s/%s'",
            config, run, run, run, "report.html");
        umask(old);
        ck_assert_msg(output.status == 0, "%s", output.err);
        unsigned file = 0666 & ~(unsigned)masks[i], dir = 0777 & ~(unsigned)masks[i];
        ck_assert_uint_eq(mode_of(scratch("made")), dir);
        ck_assert_uint_eq(mode_of(run), dir);
        for (size_t k = 0; k < COUNT(RUN_FILES); k++) ck_assert_uint_eq(mode_of(inside(run, RUN_FILES[k])), file);
        ck_assert_uint_eq(mode_of(inside(run, "report.html")), file);
    }
}
END_TEST

// A file that is replaced is as open or closed to others as the one before it.
START_TEST(a_replaced_file_keeps_its_permissions) {
    static const mode_t modes[] = {0600, 0640, 0666, 0444};
    const char *file = scratch("file");
    Error err;
    write_text(file, "old");
    for (size_t i = 0; i < COUNT(modes); i++) {
        ck_assert_int_eq(chmod(file, modes[i]), 0);
        ck_assert_msg(file_replace(file, "new", 3, &err), "%s", err.text);
        ck_assert_uint_eq(mode_of(file), modes[i]);
    }
}
END_TEST

// What somebody else's file holds before and after we were tempted to write into it.
static const char *precious(void) {
    write_text(scratch("precious"), "precious");
    return scratch("precious");
}

static void expect_precious(void) { ck_assert_str_eq(read_text(scratch("precious"), NULL), "precious"); }

START_TEST(a_planted_link_is_removed_not_followed) {
    const char *file = scratch("file"), *temporary = scratch("file.tmp");
    Error err;
    for (int is_hard = 0; is_hard < 2; is_hard++) {
        const char *target = precious();
        ck_assert_int_eq(is_hard ? link(target, temporary) : symlink(target, temporary), 0);
        ck_assert_msg(file_replace(file, "ours", 4, &err), "%s", err.text);
        ck_assert_str_eq(read_text(file, NULL), "ours");
        ck_assert(!exists(temporary));
        expect_precious();
    }
    // One that leads nowhere makes no file there, and a pipe does not hold us up.
    ck_assert_int_eq(symlink(scratch("nowhere"), temporary), 0);
    ck_assert(file_replace(file, "two", 3, &err) && !exists(scratch("nowhere")));
    ck_assert_int_eq(mkfifo(temporary, 0666), 0);
    ck_assert(file_replace(file, "three", 5, &err));
    ck_assert_str_eq(read_text(file, NULL), "three");
}
END_TEST

// An output takes the place of nothing that the command reads, nor of a run's file, by whatever name.
START_TEST(an_output_replaces_no_input_and_no_runs_file) {
    static const struct {
        const char *words, *out, *found, *why;
    } outputs[] = {
        {"report run --no-plots --out", "run/model.safetensors", "run/model.safetensors", "which the command reads"},
        {"report run --no-plots --out", "link", "run/model.safetensors", "which the command reads"},
        {"report run --no-plots --out", "./run/metrics.csv", "run/metrics.csv", "which the command reads"},
        {"report run/best.safetensors --no-plots --out", "./run/best.safetensors", "run/best.safetensors",
         "which the command reads"},
        {"report run/best.safetensors --no-plots --out", "run/config.json", "run/config.json",
         "which belongs to a run"},
        {"report run --no-plots --out", "other/best.safetensors", "other/best.safetensors", "which belongs to a run"},
        {"report other --no-plots --out", "link", "run/model.safetensors", "which belongs to a run"},
        {"report run --no-plots --out", "names.txt", "names.txt", "which the command reads"},
        {"report run --data names2.txt --no-plots --out", "names2.txt", "names2.txt", "which the command reads"},
        {"gradcheck c.json --dump", "c.json", "c.json", "which the command reads"},
        {"gradcheck c.json --dump", "names.txt", "names.txt", "which the command reads"},
        {"gradcheck c.json --data names2.txt --dump", "names2.txt", "names2.txt", "which the command reads"},
        {"gradcheck c.json --dump", "run/metrics.csv", "run/metrics.csv", "which belongs to a run"},
        {"gradcheck c.json --dump", "linked/best.safetensors", "linked/best.safetensors", "which belongs to a run"},
    };
    static const char sums[] =
        "--version >/dev/null; cd '%s'; find . -path './std*' -o -type f -exec cksum {} + | sort";
    make_run();
    nomen("--version; cd '%s'; cp -r run other; mkdir linked; cp "
          "names.txt names2.txt; ln -s run/model.safetensors link; cp run/config.json linked; cp run/best.safetensors "
          "away; ln -s ../away linked/best.safetensors",
          scratch("."));
    const char *before = nomen(sums, scratch(".")).out;
    for (size_t i = 0; i < COUNT(outputs); i++) {
        Output output = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s'; \"$N\" %s %s",
                              scratch("."), outputs[i].words, outputs[i].out);
        char begin[128], end[128];
        int n_begin = snprintf(begin, sizeof begin, "nomen: %s: the output would replace ", outputs[i].out);
        int n_end = snprintf(end, sizeof end, "%s, %s; give another name\n", outputs[i].found, outputs[i].why);
        size_t n = strlen(output.err);
        bool is_told = n >= (size_t)(n_begin + n_end) && strncmp(output.err, begin, (size_t)n_begin) == 0 &&
                       strcmp(output.err + n - (size_t)n_end, end) == 0 && strchr(output.err, '\n')[1] == '\0';
        ck_assert_msg(output.status == 1 && output.out[0] == '\0' && is_told, "%s %s: %d: %s", outputs[i].words,
                      outputs[i].out, output.status, output.err);
    }
    ck_assert_str_eq(nomen(sums, scratch(".")).out, before);
}
END_TEST

START_TEST(a_run_that_begins_is_written_through_no_planted_link) {
    static const char *const names[] = {"metrics.csv", "config.json.tmp", "model.safetensors.tmp", "best.safetensors"};
    for (size_t i = 0; i < COUNT(names); i++) {
        nomen("--version; rm -rf '%s'; mkdir '%s'", scratch("run"), scratch("run"));
        ck_assert_int_eq(symlink(precious(), inside(scratch("run"), names[i])), 0);
        Output output = train("run", "--steps 100 --quiet --resume");
        ck_assert_msg(output.status == 0, "%s: %s", names[i], output.err);
        expect_precious();
    }
}
END_TEST

static size_t entries_of(const char *path) {
    DIR *dir = opendir(path);
    size_t n = 0;
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir)) n++;
    closedir(dir);
    return n - 2;
}

// A link among the runs of a group is nobody's word that the run it leads to may go.
START_TEST(no_run_elsewhere_is_removed_through_a_link) {
    const char *elsewhere = scratch("elsewhere"), *link = scratch("group/seed-7");
    ck_assert_int_eq(train("elsewhere", "--steps 30 --quiet").status, 0);
    ck_assert_int_eq(train("group", "--steps 30 --quiet --seeds 2").status, 0);
    ck_assert_int_eq(symlink(elsewhere, link), 0);
    expect_refusal(train("group", "--steps 40 --quiet --seeds 2 --force"), 1,
                   "nomen: %s: a symbolic link to a run elsewhere, which --force does not remove; remove the link",
                   link);
    ck_assert_uint_eq(step_of(elsewhere), 30);
    ck_assert_uint_eq(step_of(scratch("group/seed-2147483647")), 30);
    ck_assert_int_eq(remove(link), 0);
    ck_assert_int_eq(train("group", "--steps 40 --quiet --seeds 2 --force").status, 0);
}
END_TEST

// Other programs call their models and configs so, too.
START_TEST(files_that_are_not_ours_are_neither_replaced_nor_removed) {
    static const char *const options[] = {"--resume", "--force"};
    static const char theirs[] = "{\"architectures\": [\"BertModel\"]}";
    const char *run = scratch("run"), *other = scratch("group/seed-5"), *no_run[2] = {run, other};
    ck_assert_int_eq(train("group", "--steps 30 --quiet --seeds 1").status, 0);
    for (size_t i = 0; i < COUNT(no_run); i++) {
        nomen("--version; mkdir -p '%s'", no_run[i]);
        write_text(inside(no_run[i], "config.json"), theirs);
        write_text(inside(no_run[i], "model.safetensors"), "theirs");
    }
    expect_refusal(
        train("group", "--steps 30 --quiet --seeds 1 --force"), 1,
        "nomen: %s: it holds a config.json or model.safetensors that nomen did not write "
        "(%s/model.safetensors: expected a run's directory or model file, found a text); move them away first",
        other, other);
    ck_assert_str_eq(read_text(inside(other, "config.json"), NULL), theirs);
    for (size_t i = 0; i < COUNT(options); i++) {
        if (i == 0) ck_assert_int_eq(rename(inside(run, "model.safetensors"), inside(run, "kept")), 0);
        Output output = train("run", options[i]);
        ck_assert_int_eq(output.status, 1);
        ck_assert_msg(strstr(output.err, " that nomen did not write ("), "%s", output.err);
        ck_assert_str_eq(read_text(inside(run, "config.json"), NULL), theirs);
        if (i == 0) ck_assert_int_eq(rename(inside(run, "kept"), inside(run, "model.safetensors")), 0);
    }
    ck_assert_str_eq(read_text(inside(run, "model.safetensors"), NULL), "theirs");
}
END_TEST

// Without --run the directory is runs/NAME, and NAME is the config's to choose: it cannot climb out.
START_TEST(no_name_leads_out_of_runs) {
    static const char *const names[] = {"../out", "..", ".", "a/../../out", "/tmp/out", "out/", "\\u002e\\u002e/out"};
    char *program = realpath(getenv("NOMEN") ? getenv("NOMEN") : "build/nomen", NULL);
    ck_assert_ptr_nonnull(program);
    ck_assert_int_eq(mkdir(scratch("inner"), 0777), 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        write_text(scratch("inner/names.txt"), NAMES);
        char config[sizeof CONFIG + 64];
        snprintf(config, sizeof config, "{\"name\": \"%s\", %s", names[i], CONFIG + 1);
        write_text(scratch("inner/c.json"), config);
        size_t above = entries_of(scratch(""));
        Output by_config =
            nomen("--version >/dev/null; cd '%s' && '%s' train c.json --steps 5 --quiet", scratch("inner"), program);
        ck_assert_msg(by_config.status == 1 && strstr(by_config.err, "nomen: c.json: name: expected a directory name"),
                      "%s: %s", names[i], by_config.err);
        write_text(scratch("inner/c.json"), CONFIG);
        Output by_set =
            nomen("--version >/dev/null; cd '%s' && '%s' train c.json --steps 5 --quiet --set 'name=\"%s\"'",
                  scratch("inner"), program, names[i]);
        ck_assert_msg(by_set.status != 0 && strstr(by_set.err, "name: expected a directory name"), "%s: %s", names[i],
                      by_set.err);
        ck_assert_uint_eq(entries_of(scratch("inner")), 2);
        ck_assert_uint_le(entries_of(scratch("")), above + 2); // the two streams of the program
    }
    free(program);
}
END_TEST

// What is relative to a directory that is gone is nowhere.
START_TEST(a_working_dir_that_is_gone_is_told) {
    static const char start[] =
        "--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); mkdir -p '%s' && cd '%s' && "
        "rmdir '%s' && \"$N\" train '%s' %s";
    const char *gone = scratch("gone"), *config = write_config();
    expect_refusal(nomen(start, gone, gone, gone, config, "--run new"), 1, "nomen: new: no such file or directory");
    expect_refusal(nomen(start, gone, gone, gone, config, "--run new/deep"), 1,
                   "nomen: new/deep: no such file or directory");
    expect_refusal(nomen(start, gone, gone, gone, config, "--data names.txt"), 1,
                   "nomen: %s: names.txt: no such file or directory", config);
}
END_TEST

SUITE(cli_place, NEEDS_NOTHING) {
    ADD(a_working_dir_that_is_gone_is_told);
    ADD(files_and_dirs_get_the_users_umask);
    ADD(a_replaced_file_keeps_its_permissions);
    ADD(a_planted_link_is_removed_not_followed);
    ADD(an_output_replaces_no_input_and_no_runs_file);
    ADD(a_run_that_begins_is_written_through_no_planted_link);
    ADD(no_run_elsewhere_is_removed_through_a_link);
    ADD(files_that_are_not_ours_are_neither_replaced_nor_removed);
    ADD(no_name_leads_out_of_runs);
}
