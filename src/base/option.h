// A table gives the options of a command: names, types, bounds and help. It parses the command line and prints the
// help.
#pragma once

#include "base/buffer.h"
#include "base/text.h"

#include <stddef.h>

typedef enum OptionKind {
    OPTION_FLAG,   // bool: true if given
    OPTION_TEXT,   // const char *: the next word, which is not empty for a FILE or DIR
    OPTION_WHOLE,  // WholeOption: a whole number from min to max
    OPTION_CHOICE, // const char *: one of `choices`
    OPTION_MAYBE,  // const char *: "" if given without a value, else one of `choices` after "="
    OPTION_LIST,   // TextList: all values in order
} OptionKind;

typedef struct WholeOption {
    bool given;
    uint64_t value;
} WholeOption;

enum { OPTION_LIST_ITEMS = 64 };

typedef struct TextList {
    size_t n;
    const char *items[OPTION_LIST_ITEMS];
} TextList;

typedef struct Option {
    const char *name; // long name without dashes
    char letter;      // short name, or 0
    OptionKind kind;
    size_t offset;        // of the member, whose type the kind names
    const char *argument; // name of its value in the help; FILE, DIR, RUN and CONFIG choose the completion
    const char *help;
    uint64_t min, max;          // OPTION_WHOLE
    const char *const *choices; // OPTION_CHOICE, OPTION_MAYBE; ends with NULL
} Option;

typedef struct Usage {
    const char *command; // "train"
    const char *brief;   // a few words, for a list of commands
    const char *summary; // what it does; the help wraps its lines, an empty line separates paragraphs
    const char *operand; // name of the operand in the help; "" if there is none, "[FILE]" if it is optional
    size_t max_operands; // 0: one operand, or none if `operand` is ""
    const Option *options;
    size_t n_options;
    size_t size;          // of the struct that the options fill
    const char *examples; // lines that can be run unchanged
    // Sets err to what to give instead of the unknown option `word`, whose name and value (or NULL) these are. Returns
    // false. May be NULL.
    bool (*explain)(const char *word, const char *name, const char *value, Error *err);
} Usage;

// The initializers of Usage for a table of options that fill a struct of this type.
#define OPTION_TABLE(table, type) .options = (table), .n_options = sizeof(table) / sizeof *(table), .size = sizeof(type)

typedef enum OptionResult { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_WRONG } OptionResult;

// Parses the argc words after the command's name into the struct at `options`, which is all zero before, and into
// operands->items, which has room for min(max_operands, argc). The last of equal options counts. A word such as -1000
// is an operand; after "--" every word is. Returns OPTIONS_HELP for --help or -h, and OPTIONS_WRONG with `err`.
OptionResult options_parse(const Usage *usage, size_t argc, char **argv, void *options, Texts *operands, Error *err);

// Returns the option that a word such as --steps, --steps=5 or -n5 names, or NULL. *value is the value in the same
// word, or NULL.
const Option *options_find(const Usage *usage, const char *word, const char **value);

// Marks the text in `err` as wrong usage and adds "; see nomen COMMAND --help", unless memory ran out. Returns false.
bool options_wrong(const Usage *usage, Error *err);

// Writes the help: usage line, summary, options, examples.
void options_help(const Usage *usage, Buffer *out);
