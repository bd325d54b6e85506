// The commands init, configs, schema and completion.
#include "cli/run.h"

#include "config/config.h"

#include <glob.h>

static void expect_in(const char *text, const char *part) {
    ck_assert_msg(strstr(text, part) != NULL, "%s is not in %s", part, text);
}

// Writes n names of `length` of the first `symbols` small letters.
static const char *write_names(size_t n, size_t length, unsigned symbols) {
    char text[1 << 16];
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0, code = i * 7 + 1; k < length; k++, code = code / symbols + i + k)
            text[at++] = (char)('a' + code % symbols);
        text[at++] = '\n';
    }
    ck_assert_uint_lt(at, sizeof text);
    text[at] = '\0';
    write_text(scratch("n.txt"), text);
    return scratch("n.txt");
}

static double last_train_loss(void) {
    const char *last = read_text(scratch("run/metrics.csv"), NULL), *next;
    while ((next = strchr(last, '\n')) && next[1]) last = next + 1;
    for (int comma = 0; comma < 3; comma++) last = strchr(last, ',') + 1; // step,lr,loss,train_loss
    return *last == ',' ? -1 : strtod(last, NULL);
}

START_TEST(init_configs_train) {
    static const struct {
        size_t n, length;
        unsigned symbols;
    } lists[] = {{2, 1, 2}, {30, 12, 26}};
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *names = write_names(lists[i].n, lists[i].length, lists[i].symbols), *path = scratch("first.json");
        for (size_t k = 0; STARTER_KINDS[k]; k++) {
            Output made =
                shell("rm -f '%s'; \"$NOMEN\" init %s --data '%s' -o '%s'", path, STARTER_KINDS[k], names, path);
            ck_assert_msg(made.status == 0 && made.out[0] == '\0', "%s%s", made.out, made.err);
            expect_in(made.err, "first.json; next: nomen train ");
            const char *steps = strcmp(STARTER_KINDS[k], "counts") == 0 ? "" : "--steps 20";
            Output trained = nomen("train '%s' --run '%s' --force %s", path, scratch("run"), steps);
            ck_assert_msg(trained.status == 0, "%s: %s%s", STARTER_KINDS[k], trained.err, read_text(path, NULL));
            ck_assert_msg(last_train_loss() > 0 && last_train_loss() < 3.5, "%s: %g", STARTER_KINDS[k],
                          last_train_loss());
        }
    }
}
END_TEST

START_TEST(init_fits_sizes_to_the_names) {
    enum { SYMBOLS = 4200 };
    char long_names[4096] = "";
    for (int i = 0; i < 40; i++) strcat(long_names, i % 2 ? "abcdefghijklmnopqrstuvwxyz\n" : "zyxwvutsrqponmlkjihg\n");
    write_text(scratch("long.txt"), long_names);
    static char text[SYMBOLS * (UTF8_MAX_BYTES + 1) + 1];
    char *at = text;
    for (uint32_t c = 0; c < SYMBOLS; c++) {
        at += utf8_encode(0x4E00 + c, at);
        *at++ = '\n';
    }
    write_text(scratch("many.txt"), text);
    write_text(scratch("few.txt"), "ada\nbob\ncid\n");
    const struct {
        const char *kind, *data, *part;
    } cases[] = {
        // The lectures' sizes for names like the lectures'.
        {"", OUR_NAMES, "\"context\": 3,"},
        {"", OUR_NAMES, "\"dim\": 10 }"},
        {"", OUR_NAMES, "\"out\": 200,"},
        {"", OUR_NAMES, "\"steps\": 200000,"},
        {"", OUR_NAMES, "[[0, 0.1], [100000, 0.01]]"},
        {"wavenet", OUR_NAMES, "\"context\": 8,"},
        {"wavenet", OUR_NAMES, "\"out\": 128,"},
        {"bigram", OUR_NAMES, "\"lr\": 50,"},
        {"counts", OUR_NAMES, "\"ngram\": 3,"},
        {"counts", scratch("few.txt"), "\"ngram\": 2,"},
        {"rnn", OUR_NAMES, "\"out\": 160,"},
        {"gru", OUR_NAMES, "\"out\": 160,"},
        {"transformer", OUR_NAMES, "\"dim\": 64,"},
        {"transformer", OUR_NAMES, "\"context\": 16,"},
        {"transformer", OUR_NAMES, "\"steps\": 16000,"},
        {"transformer", scratch("few.txt"), "\"context\": 4,"},
        {"transformer", scratch("few.txt"), "\"dim\": 16,"},
        {"gru", scratch("few.txt"), "\"steps\": 2000,"},
        {"mlp", scratch("few.txt"), "\"split\": [1] }"},
        {"mlp", scratch("few.txt"), "\"steps\": 2000,"},
        {"wavenet", scratch("long.txt"), "\"context\": 16,"},
        {"bigram", scratch("many.txt"), "\"model\": { \"ngram\": 2, \"smoothing\": 1 },"},
        {"bigram", scratch("long.txt"), "\"dim\": \"vocab\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_in(nomen("init %s --data '%s'", cases[i].kind, cases[i].data).out, cases[i].part);
}
END_TEST

// A path is relative below the config's directory only: ab is not below a, and / is no such directory.
START_TEST(init_writes_paths_that_the_config_can_use) {
    Output output = shell("cd '%s' && mkdir a ab && printf 'ada\\nbob\\n' >ab/n.txt && cp ab/n.txt 'a \"b\".txt' && "
                          "\"$NOMEN\" init --data 'a \"b\".txt' -o odd.json && "
                          "\"$NOMEN\" init --data ab/n.txt -o a/own.json && \"$NOMEN\" train a/own.json --steps 1 && "
                          "here=$(pwd) && cd / && \"$NOMEN\" init --data \"$here/ab/n.txt\" >\"$here/root.json\"",
                          scratch("."));
    ck_assert_msg(output.status == 0, "%s", output.err);
    expect_in(read_text(scratch("odd.json"), NULL), "\"path\": \"a \\\"b\\\".txt\"");
    expect_in(read_text(scratch("a/own.json"), NULL), "/ab/n.txt\"");
    expect_in(read_text(scratch("root.json"), NULL), "\"path\": \"/");
    expect_in(nomen("init -o -").out, "\"path\": \"data/names.txt\"");
    expect_in(nomen("init").out, "\"$schema\": \"configs/schema.json\"");
    expect_refusal(shell("cd '%s' && cp \"$NOMEN\" n && ./n init", scratch(".")), 1,
                   "nomen: the names that come with nomen are not found; give --data FILE");
}
END_TEST

START_TEST(init_errors) {
    static const struct {
        const char *words;
        int status;
        const char *message;
    } cases[] = {
        {"init --data n.txt -o there.json", 1, "there.json: already exists; give another name"},
        {"init --data n.txt -o link.json", 1, "link.json: already exists; give another name"},
        {"init --data n.txt -o no/c.json", 1, "no/c.json: no such file or directory"},
        {"init -o ''", 2, "--output: expected a file, found \"\"; see nomen init --help"},
        {"init --data ''", 2, "--data: expected a file, found \"\"; see nomen init --help"},
        {"init --data there.json", 1, "there.json: expected a list of names, found a config; nomen train there.json"},
        {"init --data none.txt", 1, "none.txt: no such file or directory"},
        {"init wavnet", 2, "unknown kind of config \"wavnet\"; did you mean wavenet? see nomen init --help"},
        {"init n.txt", 2, "unknown kind of config \"n.txt\"; did you mean --data n.txt? see nomen init --help"},
        {"init lecture", 2,
         "unknown kind of config \"lecture\"; expected one of counts, bigram, mlp, mlp-bn, wavenet, rnn, gru, "
         "transformer; see nomen init --help"},
    };
    shell("cd '%s' && printf 'ada\\nbob\\n' >n.txt && printf mine >there.json && ln -s nowhere.json link.json",
          scratch("."));
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen_in_scratch(cases[i].words), cases[i].status, "nomen: %s", cases[i].message);
    ck_assert_str_eq(read_text(scratch("there.json"), NULL), "mine");
    ck_assert(!exists(scratch("nowhere.json")));
    Output pipe = shell("printf 'anna\\nbert\\n' | \"$NOMEN\" init --data /dev/stdin");
    ck_assert_msg(pipe.status == 1 && strstr(pipe.err, "/dev/stdin: expected a file"), "%s", pipe.err);
}
END_TEST

START_TEST(a_config_is_found_by_name) {
    Output all = nomen("configs");
    expect_in(all.out, "mlp                      configs/mlp.json\n");
    expect_in(all.out, "configs/lectures/part3-batchnorm.json");
    ck_assert_ptr_null(strstr(all.out, "schema"));
    expect_in(nomen("configs --json").out, "\"mlp\":\"configs/mlp.json\"");
    Output trained = nomen("train bigram --run '%s' --steps 2", scratch("run"));
    ck_assert_int_eq(trained.status, 0);
    ck_assert_str_eq(trained.err, "nomen: bigram is configs/bigram.json\n");
    ck_assert_str_eq(nomen("train bigram --run '%s' --steps 2 --quiet --force", scratch("run")).err, "");
    expect_refusal(nomen("train some/where"), 1, "nomen: some/where: no such file or directory");
    ck_assert_int_eq(nomen("gradcheck mlp --batch 2").status, 0);
    ck_assert_int_eq(nomen("audit mlp").status, 0);
    expect_refusal(nomen("train mpl"), 1, "nomen: mpl: no such file or config; did you mean mlp?");
    expect_refusal(nomen("train quux"), 1, "nomen: quux: no such file or config; nomen configs lists the configs");
}
END_TEST

START_TEST(own_configs_take_precedence) {
    shell("cd '%s' && mkdir -p configs/makemore && echo '{\"sed\": 1}' >configs/mlp.json && cd configs && "
          "cp mlp.json makemore/own.json && touch own.json notes.txt json schema.json",
          scratch("."));
    Output all = nomen_in_scratch("configs");
    expect_in(all.out, " configs/mlp.json\n");
    expect_in(all.out, "\nown ");
    expect_in(all.out, "makemore/own             configs/makemore/own.json\n");
    expect_refusal(nomen_in_scratch("train makemore/own"), 1,
                   "nomen: configs/makemore/own.json: sed: unknown key; did you mean \"seed\"?");
    ck_assert(!strstr(all.out, "notes") && !strstr(all.out, "schema"));
    expect_refusal(nomen_in_scratch("train mlp"), 1,
                   "nomen: configs/mlp.json: sed: unknown key; did you mean \"seed\"?");
    expect_refusal(nomen_in_scratch("train configs"), 1,
                   "nomen: configs: no such file or config; nomen configs lists the configs");
}
END_TEST

// The note on which file a name stands for is left out, because an error is a single line.
START_TEST(an_error_has_no_note_on_the_config) {
    const char *run = scratch("run");
    ck_assert_int_eq(nomen("train bigram --run '%s' --steps 2 --quiet", run).status, 0);
    static const char *const commands[] = {"train bigram --run r", "train mlp --seeds 2 --run r",
                                           "gradcheck mlp",        "lr-find mlp",
                                           "diagnose mlp",         "verify part1-network"};
    for (size_t i = 0; i < COUNT(commands); i++) {
        Output output = nomen("%s --data '%s'", commands[i], scratch("none.txt"));
        const char *newline = strchr(output.err, '\n');
        ck_assert_msg(output.status == 1 && newline && newline[1] == '\0' &&
                          strstr(output.err, "none.txt: no such file"),
                      "%s: %s", commands[i], output.err);
    }
    Output output = nomen("train bigram --run '%s'", run);
    ck_assert_msg(output.status == 1 && strchr(output.err, '\n')[1] == '\0', "%s", output.err);
}
END_TEST

// Only `sample`, in each kind of config, has a default that is an empty object; others would lack required keys.
START_TEST(the_schema_is_up_to_date) {
    const char *schema = read_text("configs/schema.json", NULL);
    ck_assert_msg(strcmp(nomen("schema").out, schema) == 0, "configs/schema.json is out of date: make schema");
    size_t n = 0;
    for (const char *at = schema; (at = strstr(at, "\"default\": {}")); at++) n++;
    ck_assert_uint_eq(n, 2);
}
END_TEST

// Returns what bash offers for word `at` of a line, one per line, sorted.
static const char *complete(const char *words, int at) {
    Output output = shell("cd '%s' && \"$NOMEN\" completion bash >c.bash && "
                          "bash -c '. ./c.bash; COMP_WORDS=(\"$NOMEN\" %s); COMP_CWORD=%d; _nomen; "
                          "printf \"%%s\\n\" \"${COMPREPLY[@]}\"'",
                          scratch("."), words, at);
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s: %s", words, output.err);
    return output.out;
}

START_TEST(bash_completes_commands_options_and_values) {
    static const struct {
        const char *words;
        int at;
        const char *offered;
    } cases[] = {
        {"tr", 1, "train\n"},
        {"help lr", 2, "lr-find\n"},
        {"--v", 1, "--version\n"},
        {"train --see", 2, "--seed\n--seeds\n"},
        {"train --resume = any", 4, "anyway\n"},
        {"train --resume =", 3, "anyway\n"},
        {"sample run --method i", 4, "inverse\n"},
        {"compare --split \"\"", 3, "dev\ntest\ntrain\n"},
        {"train --steps \"\"", 3, "\n"},
        {"train a", 2, "a b.json\n"},
        {"eval r", 2, "run\n"},
        {"eval run/b", 2, "run/best.safetensors\n"},
        {"train x --run ru", 4, "run\n"},
        {"init wa", 2, "wavenet\n"},
        {"man co", 2, "compare\ncompletion\nconfig\nconfigs\n"},
        {"plot run bi", 3, "bigrams\n"},
    };
    make_run();
    write_text(scratch("a b.json"), "{}");
    for (size_t i = 0; i < COUNT(cases); i++) ck_assert_str_eq(complete(cases[i].words, cases[i].at), cases[i].offered);
}
END_TEST

START_TEST(bash_runs_no_file_name) {
    static const char *const names[] = {"configs/$(touch${IFS}pwned).json", "configs/`touch${IFS}pwned`.json",
                                        "configs/two words.json", "configs/*.json"};
    ck_assert_int_eq(shell("mkdir '%s'", scratch("configs")).status, 0);
    for (size_t i = 0; i < COUNT(names); i++) write_text(scratch(names[i]), "{}");
    expect_in(complete("train \"\"", 2), "$(touch${IFS}pwned)\n");
    ck_assert_str_eq(complete("train two", 2), "two words\n");
    ck_assert_str_eq(complete("train \"two\\ w\"", 2), "two words\n");
    ck_assert_str_eq(complete("train \"\\\"two w\"", 2), "two words\n");
    ck_assert(!exists(scratch("pwned")) && !exists(scratch("configs/pwned")));
}
END_TEST

START_TEST(completion_knows_two_shells) {
    expect_refusal(nomen("completion fish"), 2, "nomen: unknown shell \"fish\"; see nomen completion --help");
    expect_refusal(nomen("completion zsh bash"), 2, "nomen: unexpected argument \"bash\"; see nomen completion --help");
    expect_in(nomen("completion zsh").out, "#compdef nomen\n");
    // zsh passes an option and its value as one word.
    ck_assert_str_eq(nomen("completion words -- sample run --method=i").out, "inverse\n");
    ck_assert_str_eq(nomen("completion words -- quux x").out, "");
}
END_TEST

// The page has the key's path or name in backquotes, or, for the keys of `expect`, in an example.
static void expect_key_in_readme(void *context, const char *path, const char *type, ConfigKind kind,
                                 const Field *field) {
    (void)kind;
    (void)type;
    char forms[4][128];
    bool is_found = field->kind == FIELD_OBJECT;
    snprintf(forms[0], sizeof forms[0], "`%s`", path);
    snprintf(forms[1], sizeof forms[1], "`%s`", field->name);
    snprintf(forms[2], sizeof forms[2], "`.%s`", field->name);
    snprintf(forms[3], sizeof forms[3], "\"%s\": ", field->name);
    for (size_t i = 0; i < COUNT(forms); i++) is_found = is_found || strstr(context, forms[i]);
    ck_assert_msg(is_found, "%s is not in configs/README.md", path);
}

START_TEST(the_readme_has_every_key) { config_keys(expect_key_in_readme, read_text("configs/README.md", NULL)); }
END_TEST

START_TEST(every_shipped_config_trains) {
    glob_t found;
    ck_assert_int_eq(glob("configs/[!s]*.json", 0, NULL, &found), 0);
    ck_assert_int_eq(glob("configs/*/*.json", GLOB_APPEND, NULL, &found), 0);
    ck_assert_uint_ge(found.gl_pathc, 3);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i], *text = read_text(path, NULL);
        Output made =
            nomen("train %s --run %s --force %s %s", path, scratch("run"), strstr(text, "\"ngram\"") ? "" : "--steps 3",
                  strstr(text, "/lecture/") ? "--data " OUR_NAMES : "");
        bool is_quiet = made.err[0] == '\0' || strncmp(made.err, "nomen: train loss ", 18) == 0; // few steps
        ck_assert_msg(made.status == 0 && is_quiet, "%s: %s", path, made.err);
    }
    globfree(&found);
}
END_TEST

SUITE(cli_set_up, NEEDS_NOTHING) {
    ADD(init_configs_train);
    ADD(init_fits_sizes_to_the_names);
    ADD(init_writes_paths_that_the_config_can_use);
    ADD(init_errors);
    ADD(a_config_is_found_by_name);
    ADD(own_configs_take_precedence);
    ADD(an_error_has_no_note_on_the_config);
    ADD(the_schema_is_up_to_date);
    ADD(bash_completes_commands_options_and_values);
    ADD(bash_runs_no_file_name);
    ADD(completion_knows_two_shells);
    ADD(the_readme_has_every_key);
    ADD(every_shipped_config_trains);
}
