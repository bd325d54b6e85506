// init, configs, schema and completion through the built program.
#include "cli/run.h"

#include "config/schema.h"
#include "config/starter.h"

#include <glob.h>
#include <unistd.h>

// Scratch names: `n` of them, of `length` of the first `symbols` small letters.
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

static void expect_in(const char *text, const char *part) {
    ck_assert_msg(strstr(text, part) != NULL, "%s is not in %s", part, text);
}

// Of the run's last row.
static double last_train_loss(void) {
    double loss = -1;
    const char *last = read_text(scratch("run/metrics.csv"), NULL), *next;
    while ((next = strchr(last, '\n')) && next[1]) last = next + 1;
    ck_assert_int_eq(sscanf(last, "%*u,%*g,,%lf", &loss), 1);
    return loss;
}

START_TEST(first_configs_train_as_they_stand) {
    static const struct {
        size_t n, length;
        unsigned symbols;
    } lists[] = {{2, 1, 2}, {29, 3, 5}, {30, 12, 26}, {400, 5, 3}};
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *names = write_names(lists[i].n, lists[i].length, lists[i].symbols);
        for (size_t k = 0; STARTER_KINDS[k]; k++) {
            const char *path = scratch("first.json");
            unlink(path);
            Output made = nomen("init %s --data '%s' -o '%s'", STARTER_KINDS[k], names, path);
            ck_assert_msg(made.status == 0 && made.out[0] == '\0', "%s%s", made.out, made.err);
            expect_in(made.err, "first.json; next: nomen train ");
            Output trained = nomen("train '%s' --run '%s' --force --steps 20", path, scratch("run"));
            ck_assert_msg(trained.status == 0, "%s: %s%s", STARTER_KINDS[k], trained.err, read_text(path, NULL));
            ck_assert_int_eq(nomen("sample '%s'", scratch("run")).status, 0);
            ck_assert_msg(last_train_loss() < 3.5, "%s: %g", STARTER_KINDS[k], last_train_loss());
        }
    }
}
END_TEST

// A wavenet sees 16 symbols at most, however long the names; a table of pairs is counted where it would not fit.
START_TEST(first_configs_keep_to_a_size) {
    char long_names[4096] = "";
    for (int i = 0; i < 40; i++) strcat(long_names, i % 2 ? "abcdefghijklmnopqrstuvwxyz\n" : "zyxwvutsrqponmlkjihg\n");
    write_text(scratch("long.txt"), long_names);
    expect_in(nomen("init wavenet --data '%s'", scratch("long.txt")).out, "\"context\": 16,");
    enum { SYMBOLS = 4200 };
    static char text[SYMBOLS * (UTF8_MAX_BYTES + 1) + 1];
    char *at = text;
    for (uint32_t c = 0; c < SYMBOLS; c++) {
        at += utf8_encode(0x4E00 + c, at);
        *at++ = '\n';
    }
    write_text(scratch("many.txt"), text);
    expect_in(nomen("init bigram --data '%s'", scratch("many.txt")).out,
              "\"model\": { \"ngram\": 2, \"smoothing\": 1 },");
    expect_in(nomen("init bigram --data '%s'", scratch("long.txt")).out, "\"dim\": \"vocab\"");
}
END_TEST

START_TEST(the_lectures_names_get_the_lectures_sizes) {
    Output mlp = nomen("init"), wavenet = nomen("init wavenet");
    expect_in(mlp.out, "\"context\": 3,");
    expect_in(mlp.out, "\"dim\": 10 }");
    expect_in(mlp.out, "\"out\": 200,");
    expect_in(mlp.out, "\"steps\": 200000,");
    expect_in(mlp.out, "[[0, 0.1], [100000, 0.01]]");
    expect_in(wavenet.out, "\"context\": 8,");
    expect_in(wavenet.out, "\"out\": 128,");
    expect_in(nomen("init bigram").out, "\"lr\": 50,");
    expect_in(nomen("init --data '%s'", write_names(20, 3, 5)).out, "\"split\": [1] }");
    expect_in(nomen("init --data '%s'", write_names(400, 5, 3)).out, "\"steps\": 2000,");
}
END_TEST

START_TEST(a_first_config_calls_its_files_from_its_own_dir) {
    const char *names = write_names(40, 4, 9);
    Output below = nomen("init --data '%s' -o '%s'", names, scratch("own.json"));
    ck_assert_int_eq(below.status, 0);
    expect_in(read_text(scratch("own.json"), NULL), "\"path\": \"n.txt\"");
    write_text(scratch("a \"b\".txt"), NAMES);
    ck_assert_int_eq(nomen("init --data '%s' -o '%s'", scratch("a \"b\".txt"), scratch("odd.json")).status, 0);
    expect_in(read_text(scratch("odd.json"), NULL), "\"path\": \"a \\\"b\\\".txt\"");
    expect_in(nomen("init --data '%s'", names).out, "\"path\": \"/");
    expect_in(nomen("init").out, "\"path\": \"data/names.txt\"");
    expect_in(nomen("init").out, "\"$schema\": \"configs/schema.json\"");
}
END_TEST

// A directory whose name begins another's is not its parent; the root calls everything by its whole path.
START_TEST(a_first_config_finds_its_names_from_any_dir) {
    nomen("--version && mkdir '%s' '%s'", scratch("a"), scratch("ab"));
    ck_assert_int_eq(rename(write_names(40, 4, 9), scratch("ab/n.txt")), 0);
    ck_assert_int_eq(nomen("init --data '%s' -o '%s'", scratch("ab/n.txt"), scratch("a/own.json")).status, 0);
    expect_in(read_text(scratch("a/own.json"), NULL), "/ab/n.txt\"");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --steps 1", scratch("a/own.json"), scratch("run")).status, 0);
    Output root =
        nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s'; D=$(pwd); cd / && \"$N\" "
              "init --data \"$D\"/ab/n.txt",
              scratch("."));
    ck_assert_str_eq(root.err, "");
    expect_in(root.out, "\"path\": \"/");
    // A program that stands alone has no names to offer.
    Output alone =
        nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && cp \"$N\" n && ./n init",
              scratch("."));
    expect_refusal(alone, 1, "nomen: the names that come with nomen are not found; give --data FILE");
}
END_TEST

START_TEST(init_overwrites_nothing_and_names_what_is_wrong) {
    const char *path = scratch("there.json");
    write_text(path, "mine");
    expect_refusal(nomen("init -o '%s'", path), 1, "nomen: %s: already exists; give another name", path);
    ck_assert_str_eq(read_text(path, NULL), "mine");
    ck_assert_int_eq(symlink("nowhere.json", scratch("link.json")), 0);
    expect_refusal(nomen("init -o '%s'", scratch("link.json")), 1, "nomen: %s: already exists; give another name",
                   scratch("link.json"));
    ck_assert(!exists(scratch("nowhere.json")));
    expect_refusal(nomen("init --data ''"), 2,
                   "nomen: --data: expected a names file, found \"\"; see nomen init --help");
    expect_refusal(nomen("init -o ''"), 2,
                   "nomen: --output: expected the name of a file, found \"\"; see nomen init --help");
    expect_refusal(
        nomen("--version >/dev/null; printf 'anna\\nbert\\n' | ${NOMEN:-build/nomen} init --data /dev/stdin"), 1,
        "nomen: /dev/stdin: expected a file, found a pipe");
    ck_assert_int_eq(symlink("loop", scratch("loop")), 0);
    expect_refusal(nomen("init --data '%s'", scratch("loop")), 1,
                   "nomen: %s: expected a file, found a broken symbolic link", scratch("loop"));
    expect_refusal(nomen("init -o '%s'", scratch("no/c.json")), 1, "nomen: %s: no such file or directory",
                   scratch("no/c.json"));
    expect_refusal(nomen("init wavnet"), 2,
                   "nomen: unknown kind of config \"wavnet\"; did you mean wavenet? see nomen init --help");
    expect_refusal(nomen("init transformer"), 2,
                   "nomen: unknown kind of config \"transformer\"; see nomen init --help");
    expect_refusal(nomen("init --data '%s'", scratch("none.txt")), 1, "nomen: %s: no such file or directory",
                   scratch("none.txt"));
    write_text(scratch("one.txt"), "anna\n");
    Output one = nomen("init --data '%s'", scratch("one.txt"));
    ck_assert_int_eq(one.status, 1);
    ck_assert_str_eq(one.out, "");
}
END_TEST

START_TEST(init_writes_to_standard_output_for_a_dash) {
    ck_assert_str_eq(nomen("init -o -").out, nomen("init").out);
    ck_assert(!exists("-"));
}
END_TEST

START_TEST(a_shipped_config_is_found_by_its_name) {
    Output all = nomen("configs");
    expect_in(all.out, "mlp                      configs/mlp.json\n");
    expect_in(all.out, "configs/lectures/part3-batchnorm.json\n");
    ck_assert_ptr_null(strstr(all.out, "schema"));
    expect_in(nomen("configs --json").out, "\"mlp\":\"configs/mlp.json\"");
    Output trained = nomen("train bigram --run '%s' --steps 2", scratch("run"));
    ck_assert_int_eq(trained.status, 0);
    ck_assert_str_eq(trained.err, "nomen: bigram is configs/bigram.json\n");
    Output quiet = nomen("train bigram --run '%s' --steps 2 --quiet --force", scratch("run"));
    ck_assert_str_eq(quiet.err, "");
    ck_assert_int_eq(nomen("gradcheck mlp --batch 2").status, 0);
    ck_assert_int_eq(nomen("diagnose mlp --steps 1").status, 0);
    ck_assert_int_eq(nomen("audit mlp").status, 0);
    expect_refusal(nomen("train mpl"), 1, "nomen: mpl: no such file or config; did you mean mlp?");
    expect_refusal(nomen("train ''"), 1,
                   "nomen: expected the path or name of a config, found \"\"; nomen configs lists the names");
    Output none = nomen("train quux");
    ck_assert_int_eq(none.status, 1);
    expect_in(none.err, "nomen: quux: no such file or config; nomen configs lists the configs\n");
}
END_TEST

// One's own configs stand before those that came with the program, and other files beside them are none.
START_TEST(own_configs_are_found_first) {
    nomen("--version; mkdir -p '%s'", scratch("configs/lectures"));
    write_text(scratch("configs/mlp.json"), "{\"sed\": 1}");
    write_text(scratch("configs/own.json"), "{}");
    write_text(scratch("configs/notes.txt"), "mine");
    write_text(scratch("configs/json"), "mine");
    static const char start[] = "--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\") && cd '%s' && \"$N\" %s";
    Output all = nomen(start, scratch("."), "configs");
    expect_in(all.out, " configs/mlp.json\n");
    expect_in(all.out, "\nown ");
    expect_in(all.out, " configs/own.json\n");
    ck_assert(!strstr(all.out, "notes") && !strstr(all.out, "schema"));
    expect_refusal(nomen(start, scratch("."), "train mlp"), 1,
                   "nomen: configs/mlp.json: sed: unknown key; did you mean \"seed\"?");
    expect_refusal(nomen(start, scratch("."), "train configs"), 1,
                   "nomen: configs: expected a file, found a directory");
}
END_TEST

// Which config a name means is said by commands that go ahead: a failure is one line.
START_TEST(a_refusal_does_not_say_which_config_a_name_means) {
    const char *run = scratch("run"), *group = scratch("group");
    ck_assert_int_eq(nomen("train bigram --run '%s' --steps 2 --quiet", run).status, 0);
    expect_refusal(nomen("train bigram --run '%s'", run), 1,
                   "nomen: %s: there is a run already; --resume goes on with it, --force replaces it, --run names "
                   "another",
                   run);
    expect_refusal(nomen("train mlp --seeds 2 --run '%s'", run), 1,
                   "nomen: %s: there is a run already, and none of several seeds; --run names another", run);
    Output seeds = nomen("train mlp --seeds 2 --run '%s' --steps 2", group);
    ck_assert_int_eq(seeds.status, 0);
    ck_assert_str_eq(seeds.err, "nomen: mlp is configs/mlp.json\n");
    static const char *const commands[] = {"train bigram --run r", "train mlp --seeds 2 --run r",
                                           "gradcheck mlp",        "lr-find mlp",
                                           "diagnose mlp",         "verify part1-network"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        Output output = nomen("%s --data '%s'", commands[i], scratch("none.txt"));
        ck_assert_int_eq(output.status, 1);
        const char *newline = strchr(output.err, '\n');
        ck_assert_msg(newline && newline[1] == '\0' && strstr(output.err, "none.txt: no such file"), "%s: %s",
                      commands[i], output.err);
    }
}
END_TEST

START_TEST(the_committed_schema_is_the_programs) {
    ck_assert_msg(strcmp(nomen("schema").out, read_text("configs/schema.json", NULL)) == 0,
                  "configs/schema.json is out of date: make schema");
}
END_TEST

// An editor puts a default in for the asking: none is there that a config would be refused with.
START_TEST(the_schema_offers_no_default_that_it_refuses) {
    const char *schema = read_text("configs/schema.json", NULL);
    size_t n = 0;
    for (const char *at = schema; (at = strstr(at, "\"default\": {}")); at++) n++;
    ck_assert_uint_eq(n, 2); // of "sample", one in each kind of config
    expect_in(schema, "\"minLength\": 1");
}
END_TEST

START_TEST(a_run_keeps_no_schema_and_every_digit) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("s.json"), "{\"$schema\": \"x.json\", \"seed\": 9007199254740991, \"data\": {\"path\": "
                                  "\"names.txt\"}, \"model\": {\"ngram\": 2}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("s.json"), scratch("run")).status, 0);
    const char *kept = read_text(scratch("run/config.json"), NULL);
    ck_assert_ptr_null(strstr(kept, "$schema"));
    expect_in(kept, "\"seed\": 9007199254740991,");
    write_text(scratch("s.json"), "{\"$schema\": 5}");
    expect_refusal(nomen("train '%s'", scratch("s.json")), 1, "nomen: %s: $schema: expected a string, found 5",
                   scratch("s.json"));
}
END_TEST

// What bash offers for the words of a line, one a line, sorted.
static const char *complete(const char *words, int at) {
    Output output =
        nomen("completion bash >'%s' && export nomen=\"$(realpath \"${NOMEN:-build/nomen}\")\" && cd '%s' && "
              "bash -c '. ./c.bash; COMP_WORDS=(\"$nomen\" %s); COMP_CWORD=%d; "
              "_nomen; printf \"%%s\\n\" \"${COMPREPLY[@]}\"'",
              scratch("c.bash"), scratch(""), words, at);
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s: %s", words, output.err);
    return output.out;
}

START_TEST(bash_completes_commands_options_and_values) {
    make_run();
    write_text(scratch("a b.json"), "{}");
    ck_assert_str_eq(complete("tr", 1), "train\n");
    ck_assert_str_eq(complete("--v", 1), "--version\n");
    ck_assert_str_eq(complete("train --see", 2), "--seed\n--seeds\n");
    ck_assert_str_eq(complete("train --resume = any", 4), "anyway\n");
    ck_assert_str_eq(complete("sample run --method i", 4), "inverse\n");
    ck_assert_str_eq(complete("compare --split \"\"", 3), "dev\ntest\ntrain\n");
    ck_assert_str_eq(complete("train --steps \"\"", 3), "\n");
    ck_assert_str_eq(complete("train a", 2), "a b.json\n");
    ck_assert_str_eq(complete("eval r", 2), "run\n");
    ck_assert_str_eq(complete("eval run/b", 2), "run/best.safetensors\n");
    ck_assert_str_eq(complete("train x --run ru", 4), "run\n");
    ck_assert_str_eq(complete("init wa", 2), "wavenet\n");
    ck_assert_str_eq(complete("completion \"\"", 2), "bash\nzsh\n");
    ck_assert_str_eq(complete("man co", 2), "compare\ncompletion\nconfig\nconfigs\n");
    ck_assert_str_eq(complete("plot run bi", 3), "bigrams\n");
    ck_assert_str_eq(complete("plot run lr", 3), "lr-find\n");
}
END_TEST

// What a directory holds is offered as it is called, and never run.
START_TEST(bash_expands_no_name_of_a_file) {
    static const char *const names[] = {"configs/$(touch${IFS}pwned).json", "configs/`touch${IFS}pwned`.json",
                                        "configs/two words.json", "configs/*.json"};
    ck_assert_int_eq(nomen("configs >/dev/null; mkdir '%s'", scratch("configs")).status, 0);
    for (size_t i = 0; i < COUNT(names); i++) write_text(scratch(names[i]), "{}");
    expect_in(complete("train \"\"", 2), "$(touch${IFS}pwned)\n");
    ck_assert_str_eq(complete("train two", 2), "two words\n");
    ck_assert_str_eq(complete("train \"two\\ w\"", 2), "two words\n");
    ck_assert_str_eq(complete("train \"\\\"two w\"", 2), "two words\n");
    ck_assert(!exists(scratch("pwned")) && !exists(scratch("configs/pwned")));
}
END_TEST

START_TEST(an_unknown_shell_is_named) {
    expect_refusal(nomen("completion fish"), 2, "nomen: unknown shell \"fish\"; see nomen completion --help");
    expect_in(nomen("completion zsh").out, "#compdef nomen\n");
}
END_TEST

// A key of the config as the README's table has it; layers and optimizers have tables of their own.
static void expect_key_in_readme(void *context, const char *path, const char *type, ConfigKind kind,
                                 const Field *field) {
    (void)kind;
    const char *readme = context, *dot = strrchr(path, '.');
    char cell[128];
    if (strncmp(path, "expect.", 7) == 0) { // by an example
        snprintf(cell, sizeof cell, strcmp(field->name, "counts") == 0 ? "`%s`" : "\"%s\": ", field->name);
        ck_assert_msg(strstr(strstr(readme, "\n    \"expect\": {"), cell), "%s is not in configs/README.md", cell);
        return;
    }
    bool is_inner = strncmp(path, "train.lr.", 9) == 0 || strncmp(path, "train.early_stop.", 17) == 0;
    if (field->kind == FIELD_OBJECT && !field->is_note && !field->is_nullable) return;
    snprintf(cell, sizeof cell,
             type || is_inner                   ? "%s"
             : strncmp(path, "sample.", 7) == 0 ? "`.%s`"
                                                : "| `%s` |",
             type || is_inner                   ? field->name
             : strncmp(path, "sample.", 7) == 0 ? dot + 1
                                                : path);
    if (strcmp(path, "sample.count") == 0) strcpy(cell, "`sample.count`");
    ck_assert_msg(strstr(readme, cell) != NULL, "%s is not in configs/README.md", cell);
}

START_TEST(the_readme_has_every_key) { config_keys(expect_key_in_readme, read_text("configs/README.md", NULL)); }
END_TEST

START_TEST(every_shipped_config_loads_and_trains_a_few_steps) {
    glob_t found;
    ck_assert_int_eq(glob("configs/*.json", 0, NULL, &found), 0);
    ck_assert_uint_ge(found.gl_pathc, 3);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i], *run = scratch("run");
        if (strcmp(path, "configs/schema.json") == 0) continue;
        const char *text = read_text(path, NULL);
        bool is_counts = strstr(text, "\"ngram\"") != NULL, warms_up = strstr(text, "\"warmup\"") != NULL;
        Output made = nomen("train %s --run %s --force %s %s", path, run, is_counts ? "" : "--steps 3",
                            warms_up ? "--set train.lr.warmup=1" : "");
        ck_assert_msg(made.status == 0, "%s: %s", path, made.err);
        ck_assert_str_eq(made.err, "");
        ck_assert_int_eq(nomen("eval %s", run).status, 0);
        ck_assert_int_eq(nomen("sample %s -n 3", run).status, 0);
    }
    globfree(&found);
}
END_TEST

SUITE(cli_set_up, NEEDS_NOTHING) {
    ADD(first_configs_train_as_they_stand);
    ADD(first_configs_keep_to_a_size);
    ADD(the_lectures_names_get_the_lectures_sizes);
    ADD(a_first_config_calls_its_files_from_its_own_dir);
    ADD(a_first_config_finds_its_names_from_any_dir);
    ADD(init_overwrites_nothing_and_names_what_is_wrong);
    ADD(init_writes_to_standard_output_for_a_dash);
    ADD(a_shipped_config_is_found_by_its_name);
    ADD(own_configs_are_found_first);
    ADD(a_refusal_does_not_say_which_config_a_name_means);
    ADD(the_committed_schema_is_the_programs);
    ADD(the_schema_offers_no_default_that_it_refuses);
    ADD(a_run_keeps_no_schema_and_every_digit);
    ADD(bash_completes_commands_options_and_values);
    ADD(bash_expands_no_name_of_a_file);
    ADD(an_unknown_shell_is_named);
    ADD(the_readme_has_every_key);
    ADD(every_shipped_config_loads_and_trains_a_few_steps);
}
