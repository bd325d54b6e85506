// One table gives a command's options their names, types, bounds and help; it parses and it prints the usage.
#ifndef NOMEN_BASE_OPTION_H
#define NOMEN_BASE_OPTION_H

#include "base/buffer.h"
#include "base/text.h"

#include <stddef.h>

typedef enum OptionKind {
    OPTION_FLAG,   // bool: true where given
    OPTION_TEXT,   // const char *: the word after it
    OPTION_WHOLE,  // WholeOption: a whole number from min to max
    OPTION_CHOICE, // const char *: one of `choices`
    OPTION_MAYBE,  // const char *: "" where given bare, else one of `choices` after "="
    OPTION_LIST,   // TextList: every word given with it, in order
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
    size_t offset;        // in the options' struct, of a member of the type the kind names
    const char *argument; // what the help calls its value; FILE, DIR, RUN and CONFIG say what a shell completes it with
    const char *help;
    uint64_t min, max;          // OPTION_WHOLE
    const char *const *choices; // OPTION_CHOICE, OPTION_MAYBE; ends with NULL
} Option;

typedef struct Usage {
    const char *command; // "train"
    const char *brief;   // a few words, for a list of commands
    const char *summary; // what it does; the help breaks its lines, an empty one parts paragraphs
    const char *operand; // what the help calls the operands: "" means none, "[FILE]" that they may be missing
    size_t max_operands; // 0: one operand, or none if `operand` is ""
    const Option *options;
    size_t n_options;
    size_t size;          // of the struct that the options fill
    const char *examples; // lines that work as they stand
} Usage;

// The initializers of Usage for a table of options that fill a struct of this type.
#define OPTION_TABLE(table, type) .options = (table), .n_options = sizeof(table) / sizeof *(table), .size = sizeof(type)

typedef enum OptionResult { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_WRONG } OptionResult;

// Reads argv[0 .. argc), the words behind the command's name: fills the struct at `options`, all zero before (an option
// given twice: the last counts), and puts the operands into operands->items, which has room for as many as are allowed
// or given, whichever is less. A word such as -1000 or -.5 is an operand; behind "--" every word is. OPTIONS_HELP where
// --help or -h is met, OPTIONS_WRONG with `err` filled.
OptionResult options_parse(const Usage *usage, size_t argc, char **argv, void *options, Texts *operands, Error *err);

// Marks the text in `err` as wrong usage of the command and ends it with "; see nomen COMMAND --help", unless it is
// that memory ran out. False.
bool options_wrong(const Usage *usage, Error *err);

// The help: usage line, summary, options, examples.
void options_help(const Usage *usage, Buffer *out);

#endif
