// Help and manual pages of every command.
#include "cli/output.h"
#include "cli/terminal_run.h"
#include "testing.h"

#include "base/text.h"
#include "cmd/share/command.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SCREEN_LINES = 23, SCREEN_COLUMNS = 80 };

static void expect_page(const char *what, const char *page) {
    size_t n = 0;
    for (const char *line = page, *end; (end = strchr(line, '\n')); line = end + 1, n++)
        ck_assert_msg(utf8_count(line, (size_t)(end - line)) <= SCREEN_COLUMNS, "%s: %.*s", what, (int)(end - line),
                      line);
    ck_assert_msg(n <= SCREEN_LINES, "%s: %zu lines", what, n);
}

START_TEST(every_page_fits_a_screen) {
    Output all = nomen("--help");
    ck_assert_int_eq(all.status, 0);
    expect_page("nomen", all.out);
    for (size_t i = 0; COMMANDS[i]; i++) {
        const char *name = COMMANDS[i]->usage->command;
        Output page = nomen("%s --help", name);
        ck_assert_int_eq(page.status, 0);
        ck_assert_str_eq(page.err, "");
        expect_page(name, page.out);
        char usage[64];
        const char *operand = COMMANDS[i]->usage->operand;
        snprintf(usage, sizeof usage, "usage: nomen %s%s%s [OPTION]...\n", name, operand[0] ? " " : "", operand);
        ck_assert_msg(strncmp(page.out, usage, strlen(usage)) == 0, "%s", page.out);
        char line[64];
        snprintf(line, sizeof line, " %-10s  %s\n", name, COMMANDS[i]->usage->brief);
        ck_assert_msg(strstr(all.out, line) != NULL, "%s is not in: %s", line, all.out);
    }
}
END_TEST

START_TEST(help_and_version_are_words_too) {
    ck_assert_str_eq(ok(nomen("help train")), ok(nomen("train --help")));
    ck_assert_str_eq(ok(nomen("--help train")), ok(nomen("train --help")));
    ck_assert_str_eq(ok(nomen("help")), ok(nomen("--help")));
    ck_assert_str_eq(ok(nomen("version")), ok(nomen("--version")));
}
END_TEST

// zsh takes an unquoted [2] for a pattern of file names.
static void expect_quoted(const char *text) {
    for (const char *at = text; (at = strstr(at, "layers[")); at++) {
        const char *word = at;
        while (word > text && word[-1] != ' ' && word[-1] != '\'') word--;
        ck_assert_msg(word > text && word[-1] == '\'', "not quoted: %s", word);
    }
}

START_TEST(keys_with_brackets_are_quoted) {
    for (size_t i = 0; COMMANDS[i]; i++) {
        const Usage *usage = COMMANDS[i]->usage;
        expect_quoted(usage->examples);
        expect_quoted(usage->summary);
        for (size_t k = 0; k < usage->n_options; k++) expect_quoted(usage->options[k].help);
    }
}
END_TEST

START_TEST(every_page_has_examples) {
    for (size_t i = 0; COMMANDS[i]; i++) {
        const Usage *usage = COMMANDS[i]->usage;
        size_t n = 0;
        for (const char *at = usage->examples; (at = strstr(at, "nomen ")); at += strlen("nomen "))
            n += strncmp(at + strlen("nomen "), usage->command, strlen(usage->command)) == 0;
        ck_assert_msg(n >= 2, "%s has %zu examples of itself", usage->command, n);
    }
}
END_TEST

// Returns true if a shipped config or an example with --run trains a run of this name.
static bool is_made(const char *name, size_t n) {
    char config[PATH_MAX], option[PATH_MAX];
    snprintf(config, sizeof config, "configs/%.*s.json", (int)n, name);
    snprintf(option, sizeof option, " --run runs/%.*s", (int)n, name);
    bool is_found = exists(config);
    for (size_t i = 0; COMMANDS[i] && !is_found; i++) {
        const char *at = strstr(COMMANDS[i]->usage->examples, option);
        is_found = at && strchr(" \n", at[strlen(option)]);
    }
    return is_found;
}

START_TEST(an_example_uses_runs_that_another_makes) {
    size_t n_runs = 0;
    for (size_t i = 0; COMMANDS[i]; i++) {
        for (const char *at = COMMANDS[i]->usage->examples; (at = strstr(at, " runs/")); n_runs++) {
            at += strlen(" runs/");
            size_t n = strcspn(at, "/ \n");
            ck_assert_msg(is_made(at, n), "nomen %s --help: nothing makes runs/%.*s", COMMANDS[i]->usage->command,
                          (int)n, at);
        }
    }
    ck_assert_uint_ge(n_runs, 15);
}
END_TEST

START_TEST(manual_pages_name_all_options) {
    for (size_t i = 0; COMMANDS[i]; i++) {
        const Usage *usage = COMMANDS[i]->usage;
        Output page = nomen("man %s | tr -d '\\\\'", usage->command);
        ck_assert_str_eq(page.err, "");
        ck_assert_msg(strstr(page.out, "\n.SH NAME\nnomen-") && strstr(page.out, usage->brief), "%s", page.out);
        for (size_t k = 0; k < usage->n_options; k++) {
            char option[64];
            snprintf(option, sizeof option, "fB--%sfR", usage->options[k].name);
            ck_assert_msg(strstr(page.out, option) != NULL, "%s is not in: %s", option, page.out);
        }
    }
    Output all = nomen("man");
    ck_assert_msg(strstr(all.out, ".TH nomen 1 \"2026-") && strstr(all.out, ".SH FILES\n"), "%s", all.out);
    ck_assert_msg(strstr(all.out, ".TP\n\\fBlr\\-find\\fR\n") && strstr(all.out, ".SS teach\n"), "%s", all.out);
    expect_refusal(nomen("man trian"), 2, "nomen: unknown page \"trian\"; did you mean train? see nomen man --help");
    expect_words(nomen("man xyzzy").err, "nomen: unknown page \"xyzzy\"; expected one of config, train, eval, ");
}
END_TEST

START_TEST(a_terminal_shows_a_manual_page_with_man) {
    const char *man = scratch("man");
    write_text(man, "#!/bin/sh\necho \"man $*\"\nhead -n 2\n");
    ck_assert_int_eq(chmod(man, 0755), 0);
    TerminalRun run = nomen_at_terminal(300, 0, "PATH=.:/usr/bin:/bin", "man train");
    ck_assert_int_eq(run.status, 0);
    expect_words(run.screen, "man -l -\n.\\\" Made by nomen man.\n.TH nomen-train 1 ");
    expect_no_words(run.screen, ".SH");
    write_text(man, "#!/bin/sh\nexit 1\n"); // a man without -l
    run = nomen_at_terminal(300, 0, "PATH=.:/usr/bin:/bin", "man train");
    ck_assert_int_eq(run.status, 0);
    expect_words(run.screen, ".SH NAME\n");
}
END_TEST

START_TEST(the_config_page_describes_each_key) {
    static const char *const parts[] = {
        "\nfBmodel.layers[].typefR (required)\n",
        "\"tanh\": ",
        "\nfBtrain.optimizer.typefR (required)\n\"sgd\": ",
        "\nfBdata.pathfR (required)\n",
        "\nfBdatafR (required)\n",
        "\nfBmodel.contextfR (required for networks)\n",
        "\nfBmodel.layers[].dimfR of type embedding (required)\n",
        "\nfBmodel.ngramfR (required for counts)\n",
        "\nfBmodel.smoothingfR (default: 1)\n",
        "\nfBtrainfR (required for networks)\n",
        "\nfBtrain.stepsfR (required for networks)\n",
        "\nfBtrain.early_stop.patiencefR (required)\n",
        "\nfBexpect.unmetfR\n",
        "\nfBexpect.countsfR\n",
        "\nOne of \"variance\", \"deviation\".\n",
        "\nA whole number from 1 to 4096.\n",
        "\nA whole number from 1 to 1000000000, or \"all\".\n",
        "\nA number from 0 to 1.\n",
    };
    Output page = nomen("man config | tr -d '\\\\'");
    for (size_t i = 0; i < COUNT(parts); i++)
        ck_assert_msg(strstr(page.out, parts[i]) != NULL, "%s is not in: %s", parts[i], page.out);
    const char *counts = strstr(page.out, "fBmodel.ngramfR"), *training = strstr(page.out, "fBtrainfR");
    ck_assert_msg(counts < training, "the keys of counts are not among those of the model");
    // A default that is an empty object is of no use if the object has required keys.
    ck_assert_ptr_nonnull(strstr(page.out, "fBsamplefR (default: {})"));
    ck_assert_ptr_null(strstr(page.out, "fBtrainfR (default"));
}
END_TEST

SUITE(cli_help, NEEDS_NOTHING) {
    ADD(every_page_fits_a_screen);
    ADD(help_and_version_are_words_too);
    ADD(keys_with_brackets_are_quoted);
    ADD(every_page_has_examples);
    ADD(an_example_uses_runs_that_another_makes);
    ADD(manual_pages_name_all_options);
    ADD(a_terminal_shows_a_manual_page_with_man);
    ADD(the_config_page_describes_each_key);
}
