// Files are written where the user expects: with the user's umask, through no planted link, over no input, and in no
// other directory than the run's.
#include "cli/run.h"

#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

static unsigned mode_of(const char *path) {
    struct stat info;
    ck_assert_msg(stat(path, &info) == 0, "no %s", path);
    return info.st_mode & 0777;
}

START_TEST(files_and_dirs_get_the_users_umask) {
    static const unsigned masks[] = {0, 027, 077};
    static const char *const files[] = {"config.json", "metrics.csv", "model.safetensors", "best.safetensors",
                                        "report.html"};
    write_config();
    for (size_t i = 0; i < COUNT(masks); i++) {
        Output output =
            shell("cd '%s' && rm -rf made && umask %03o && \"$NOMEN\" train c.json --run made/run --steps 100 "
                  "--quiet && \"$NOMEN\" report made/run --no-plots",
                  scratch("."), masks[i]);
        ck_assert_msg(output.status == 0, "%s", output.err);
        ck_assert_uint_eq(mode_of(scratch("made")), 0777 & ~masks[i]);
        ck_assert_uint_eq(mode_of(scratch("made/run")), 0777 & ~masks[i]);
        for (size_t k = 0; k < COUNT(files); k++)
            ck_assert_uint_eq(mode_of(inside(scratch("made/run"), files[k])), 0666 & ~masks[i]);
    }
}
END_TEST

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

// A file of somebody else, to which planted links lead.
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
    ck_assert_int_eq(symlink(scratch("nowhere"), temporary), 0);
    ck_assert(file_replace(file, "two", 3, &err) && !exists(scratch("nowhere")));
    ck_assert_int_eq(mkfifo(temporary, 0666), 0);
    ck_assert(file_replace(file, "three", 5, &err));
    ck_assert_str_eq(read_text(file, NULL), "three");
}
END_TEST

START_TEST(a_new_run_is_written_through_no_planted_link) {
    static const char *const names[] = {"metrics.csv", "config.json.tmp", "model.safetensors.tmp", "best.safetensors"};
    const char *run = scratch("run");
    for (size_t i = 0; i < COUNT(names); i++) {
        shell("rm -rf '%s'; mkdir '%s'", run, run);
        ck_assert_int_eq(symlink(precious(), inside(run, names[i])), 0);
        Output output = train("run", "--steps 100 --quiet --resume");
        ck_assert_msg(output.status == 0, "%s: %s", names[i], output.err);
        expect_precious();
    }
}
END_TEST

START_TEST(an_output_replaces_no_input_and_no_file_of_a_run) {
    static const struct {
        const char *words, *output, *found;
    } cases[] = {
        {"report run --no-plots --out", "run/model.safetensors", "run/model.safetensors"},
        {"report run --no-plots --out", "link", "run/model.safetensors"},
        {"report run --no-plots --out", "./run/metrics.csv", "run/metrics.csv"},
        {"report run/best.safetensors --no-plots --out", "run/config.json", "run/config.json"},
        {"report run --no-plots --out", "other/best.safetensors", "other/best.safetensors"},
        {"report run --no-plots --out", "names.txt", "names.txt"},
        {"report run --data names2.txt --no-plots --out", "names2.txt", "names2.txt"},
        {"gradcheck c.json --dump", "c.json", "c.json"},
        {"gradcheck c.json --data names2.txt --dump", "names2.txt", "names2.txt"},
    };
    static const char sums[] = "cd '%s'; find . -path './std*' -o -type f -exec cksum {} + | sort";
    make_run();
    shell("cd '%s'; cp -r run other; mkdir linked; cp names.txt names2.txt; ln -s run/model.safetensors link; "
          "cp run/config.json linked; cp run/best.safetensors away; ln -s ../away linked/best.safetensors",
          scratch("."));
    const char *before = shell(sums, scratch(".")).out;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *words = textf("%s %s", cases[i].words, cases[i].output);
        const char *begin = textf("nomen: %s: the output would replace ", cases[i].output);
        const char *end = textf("%s; give another name\n", cases[i].found);
        Output output = nomen_in_scratch(words);
        ck_assert_msg(output.status == 1 && output.out[0] == '\0' && strncmp(output.err, begin, strlen(begin)) == 0 &&
                          text_ends_with(output.err, end),
                      "%s: %d: %s", words, output.status, output.err);
    }
    ck_assert_str_eq(shell(sums, scratch(".")).out, before);
}
END_TEST

START_TEST(force_removes_no_run_through_a_link) {
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

// Other programs use the same file names.
START_TEST(files_that_are_not_ours_are_neither_replaced_nor_removed) {
    static const char theirs[] = "{\"architectures\": [\"BertModel\"]}";
    static const struct {
        const char *dir, *run, *options;
        bool has_model;
    } cases[] = {
        {"group/seed-5", "group", "--steps 30 --quiet --seeds 1 --force", true},
        {"run", "run", "--resume", false},
        {"run", "run", "--force", true},
    };
    ck_assert_int_eq(train("group", "--steps 30 --quiet --seeds 1").status, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *dir = scratch(cases[i].dir);
        shell("mkdir -p '%s'", dir);
        write_text(inside(dir, "config.json"), theirs);
        if (cases[i].has_model) write_text(inside(dir, "model.safetensors"), "theirs");
        Output output = train(cases[i].run, cases[i].options);
        ck_assert_msg(output.status == 1 && strstr(output.err, " that nomen did not write ("), "%s", output.err);
        ck_assert_str_eq(read_text(inside(dir, "config.json"), NULL), theirs);
        if (cases[i].has_model) ck_assert_str_eq(read_text(inside(dir, "model.safetensors"), NULL), "theirs");
    }
}
END_TEST

// Without --run the directory is runs/NAME, and the config gives the name.
START_TEST(no_name_leads_out_of_runs) {
    static const char *const names[] = {"../out", "..", ".", "a/../../out", "/tmp/out", "out/", "\\u002e\\u002e/out"};
    shell("mkdir -p '%s'", scratch("all/inner"));
    write_text(scratch("all/inner/names.txt"), NAMES);
    write_text(scratch("all/inner/set.json"), CONFIG);
    for (size_t i = 0; i < COUNT(names); i++) {
        write_json(scratch("all/inner/c.json"), "{'name': '%s', %s", names[i], CONFIG + 1);
        Output named = shell("cd '%s' && \"$NOMEN\" train c.json --steps 5", scratch("all/inner"));
        Output set =
            shell("cd '%s' && \"$NOMEN\" train set.json --steps 5 --set 'name=\"%s\"'", scratch("all/inner"), names[i]);
        ck_assert_msg(named.status == 1 && strstr(named.err, "nomen: c.json: name: expected a directory name"),
                      "%s: %s", names[i], named.err);
        ck_assert_msg(set.status != 0 && strstr(set.err, "name: expected a directory name"), "%s: %s", names[i],
                      set.err);
    }
    ck_assert_str_eq(shell("cd '%s' && find . -type d", scratch("all")).out, ".\n./inner\n");
}
END_TEST

START_TEST(a_working_dir_that_is_gone_is_reported) {
    static const char words[] = "cd '%s' && mkdir gone && cd gone && rmdir ../gone && \"$NOMEN\" train '%s' %s";
    static const struct {
        const char *options, *message;
    } cases[] = {
        {"--run new", "new: no such file or directory"},
        {"--run new/deep", "new/deep: no such file or directory"},
    };
    const char *config = write_config();
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(shell(words, scratch("."), config, cases[i].options), 1, "nomen: %s", cases[i].message);
    expect_refusal(shell(words, scratch("."), config, "--data names.txt"), 1,
                   "nomen: %s: names.txt: no such file or directory", config);
}
END_TEST

SUITE(cli_place, NEEDS_NOTHING) {
    ADD(files_and_dirs_get_the_users_umask);
    ADD(a_replaced_file_keeps_its_permissions);
    ADD(a_planted_link_is_removed_not_followed);
    ADD(a_new_run_is_written_through_no_planted_link);
    ADD(an_output_replaces_no_input_and_no_file_of_a_run);
    ADD(force_removes_no_run_through_a_link);
    ADD(files_that_are_not_ours_are_neither_replaced_nor_removed);
    ADD(no_name_leads_out_of_runs);
    ADD(a_working_dir_that_is_gone_is_reported);
}
