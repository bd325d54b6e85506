#include "base/option.h"

#include <stdio.h>
#include <string.h>

enum { MAX_OPTIONS = 32, HELP_COLUMN = 26, HELP_WIDTH = 80 };

bool options_wrong(const Usage *usage, Error *err) {
    char reason[ERROR_TEXT_BYTES];
    if (err->kind == ERROR_MEMORY) return false;
    memcpy(reason, err->text, sizeof reason);
    bool asks = strlen(reason) > 0 && reason[strlen(reason) - 1] == '?';
    return error_usage(err, "%.*s%s see nomen %s --help", (int)sizeof reason - 64, reason, asks ? "" : ";",
                       usage->command);
}

// Returns true for a word with a dash that is a number: -1000, -.5 or -inf.
static bool is_negative_number(const char *word) {
    const char *digits = word[1] == '.' ? word + 2 : word + 1;
    return (digits[0] >= '0' && digits[0] <= '9') || strcmp(word, "-inf") == 0;
}

// `next` is the next word, or NULL.
static bool unknown_option(const Usage *usage, const char *word, const char *next, Error *err) {
    const char *names[MAX_OPTIONS] = {"help"}, *helps[MAX_OPTIONS] = {NULL};
    size_t n_names = 1, dashes = strspn(word, "-"), n = strcspn(word + dashes, "=");
    for (size_t i = 0; i < usage->n_options && n_names < MAX_OPTIONS; i++) {
        const char letter = usage->options[i].letter;
        if (letter && n == 1 && word[dashes] == letter)
            return error_set(err, "unknown option \"%s\"; did you mean -%c?", word, letter);
        helps[n_names] = usage->options[i].help;
        names[n_names++] = usage->options[i].name;
    }
    char name[64] = "";
    if (n < sizeof name) memcpy(name, word + dashes, n);
    size_t near = n < 2 ? n_names : text_nearest(name, names, n_names);
    if (near == n_names) near = text_described(name, helps, n_names);
    if (near < n_names) return error_set(err, "unknown option \"%s\"; did you mean --%s?", word, names[near]);
    const char *value = word[dashes + n] == '=' ? word + dashes + n + 1 : next;
    if (n >= 2 && usage->explain) return usage->explain(word, name, value, err);
    return error_set(err, "unknown option \"%s\"", word);
}

const Option *options_find(const Usage *usage, const char *word, const char **value) {
    *value = NULL;
    if (word[0] != '-') return NULL;
    for (size_t i = 0; i < usage->n_options; i++) {
        const Option *option = &usage->options[i];
        if (strncmp(word, "--", 2) == 0) {
            size_t n = strlen(option->name);
            if (strncmp(word + 2, option->name, n) != 0) continue;
            if (word[2 + n] != '\0' && word[2 + n] != '=') continue;
            if (word[2 + n] == '=') *value = word + 3 + n;
            return option;
        }
        if (option->letter == '\0' || word[1] != option->letter) continue;
        if (word[2] != '\0') *value = word + 2;
        return option;
    }
    return NULL;
}

static bool choose(const Option *option, const char *value, const char **target, Error *err) {
    char list[128] = "";
    for (size_t i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *target = option->choices[i];
            return true;
        }
        const char *joiner = option->choices[i + 1] ? ", " : " or ";
        if (i > 0) strncat(list, joiner, sizeof list - strlen(list) - 1);
        strncat(list, option->choices[i], sizeof list - strlen(list) - 1);
    }
    return error_set(err, "--%s: expected %s, found \"%s\"", option->name, list, value);
}

static bool store(const Option *option, const char *value, void *target, Error *err) {
    switch (option->kind) {
    case OPTION_FLAG: *(bool *)target = true; return true;
    case OPTION_TEXT:
        *(const char **)target = value;
        if (value[0] != '\0') return true;
        if (strcmp(option->argument, "DIR") == 0)
            return error_set(err, "--%s: expected a directory, found \"\"", option->name);
        return strcmp(option->argument, "FILE") != 0 ||
               error_set(err, "--%s: expected a file, found \"\"", option->name);
    case OPTION_CHOICE: return choose(option, value, target, err);
    case OPTION_MAYBE:
        if (value) return choose(option, value, target, err);
        *(const char **)target = "";
        return true;
    case OPTION_WHOLE: {
        WholeOption *whole = target;
        whole->given = text_whole(value, option->min, option->max, &whole->value);
        if (whole->given) return true;
        return error_set(err, "--%s: expected a whole number from %llu to %llu, found \"%s\"", option->name,
                         (unsigned long long)option->min, (unsigned long long)option->max, value);
    }
    case OPTION_LIST: {
        TextList *list = target;
        if (list->n == OPTION_LIST_ITEMS)
            return error_set(err, "--%s: given more than %d times", option->name, OPTION_LIST_ITEMS);
        list->items[list->n++] = value;
        return true;
    }
    }
    return false;
}

static bool parse_option(const Usage *usage, size_t argc, char **argv, size_t *at, void *options, Error *err) {
    const char *value;
    const Option *option = options_find(usage, argv[*at], &value);
    if (!option) return unknown_option(usage, argv[*at], *at + 1 < argc ? argv[*at + 1] : NULL, err);
    bool takes_next = option->kind != OPTION_FLAG && option->kind != OPTION_MAYBE;
    if (option->kind == OPTION_FLAG && value)
        return error_set(err, "--%s takes no value, found \"%s\"", option->name, value);
    if (takes_next && !value) {
        if (*at + 1 >= argc) return error_set(err, "--%s needs a value: %s", option->name, option->argument);
        value = argv[++*at];
    }
    return store(option, value, (char *)options + option->offset, err);
}

OptionResult options_parse(const Usage *usage, size_t argc, char **argv, void *options, Texts *operands, Error *err) {
    bool only_operands = false, ok = true, has_operand = usage->operand[0] != '\0';
    size_t least = has_operand && usage->operand[0] != '[', most = usage->max_operands;
    if (most == 0 && has_operand) most = 1;
    operands->n = 0;
    for (size_t at = 0; ok && at < argc; at++) {
        const char *word = argv[at];
        bool is_operand = only_operands || word[0] != '-' || word[1] == '\0' || is_negative_number(word);
        if (is_operand && operands->n == most)
            ok = error_set(err, "unexpected argument \"%s\"", word);
        else if (is_operand)
            operands->items[operands->n++] = word;
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
            return OPTIONS_HELP;
        else
            ok = parse_option(usage, argc, argv, &at, options, err);
    }
    if (ok && operands->n < least)
        ok = error_set(err, "expected %.*s", (int)strcspn(usage->operand, " "), usage->operand);
    if (ok) return OPTIONS_RUN;
    options_wrong(usage, err);
    return OPTIONS_WRONG;
}

static void add_option(Buffer *out, const char *letter, const char *name, const char *value, const char *help) {
    size_t start = out->n;
    buffer_print(out, "  %s--%s%s", letter, name, value);
    size_t width = out->n - start;
    if (width + 2 > HELP_COLUMN) {
        buffer_add(out, "\n", 1);
        width = 0;
    }
    buffer_print(out, "%*s", HELP_COLUMN - (int)width, "");
    buffer_wrap(out, help, HELP_COLUMN, HELP_COLUMN, HELP_WIDTH);
}

void options_help(const Usage *usage, Buffer *out) {
    char line[160];
    snprintf(line, sizeof line, "usage: nomen %s%s%s [OPTION]...", usage->command, usage->operand[0] ? " " : "",
             usage->operand);
    buffer_wrap(out, line, 0, 7, HELP_WIDTH);
    buffer_add(out, "\n", 1);
    buffer_wrap(out, usage->summary, 0, 0, HELP_WIDTH);
    buffer_add(out, "\n", 1);
    for (size_t i = 0; i < usage->n_options; i++) {
        const Option *option = &usage->options[i];
        char letter[8] = "    ", value[64] = "";
        if (option->letter) memcpy(letter, (char[]){'-', option->letter, ',', ' ', '\0'}, 5);
        bool maybe = option->kind == OPTION_MAYBE;
        if (option->argument) snprintf(value, sizeof value, maybe ? "[=%s]" : " %s", option->argument);
        add_option(out, letter, option->name, value, option->help);
    }
    add_option(out, "-h, ", "help", "", "show this page");
    buffer_print(out, "\nexamples:\n%s", usage->examples);
}
