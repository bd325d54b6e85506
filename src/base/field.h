// Tables that describe the fields of a config: one entry gives a field its name, type, bounds, default and help.
// The reader and the writer in run/ work from these tables alone, so a layer says what it takes in its own file.
#ifndef NOMEN_BASE_FIELD_H
#define NOMEN_BASE_FIELD_H

#include "base/text.h"

typedef struct Field Field;

// A kind of object: a struct of `size` bytes and the fields in it, ended by an entry without a name.
typedef struct Record {
    const char *name; // what "type" says, where the object is one of several
    const Field *fields;
    size_t size;
    const char *help;
} Record;

// A value that is one of several records, told apart by its key "type".
typedef struct Typed {
    const Record *record;
    void *value; // a struct of record->size bytes
} Typed;

typedef struct TypedList {
    size_t n;
    Typed *items;
} TypedList;

// A rate of `rate` holds from step `from` on.
typedef struct RateStep {
    uint64_t from;
    double rate;
} RateStep;

// A rate that rises to `from` in `warmup` steps and goes from there to `to`, which it reaches at step `steps`.
typedef struct RateCurve {
    double from, to;
    const char *shape;
    uint64_t warmup, steps; // warmup < steps
} RateCurve;

typedef struct Schedule {
    size_t n; // of steps, the first from step 0, `from` increasing; 0: the curve holds
    RateStep *steps;
    RateCurve curve;
} Schedule;

#define WHOLE_MAX 9007199254740991ull // 2^53 - 1: up to it every whole number is one in a double, too
#define STEPS_MAX 1e15                // so that every step is a whole number in a double, too

enum { SPLIT_PARTS = 3 };

typedef struct Split {
    double parts[SPLIT_PARTS]; // train, dev, test; they sum to 1
} Split;

// A figure as somebody printed it: its last decimal says how exact it is.
typedef struct Figure {
    const char *key;  // where it is one of Figures
    const char *text; // NULL where none is given
    double value;
    double unit; // of the last printed decimal: 0.0001 for "3.2870", 1e-9 for "2.640702e-03"
} Figure;

typedef struct Figures {
    size_t n;
    Figure *items;
} Figures;

typedef enum FieldKind {
    FIELD_TEXT,     // const char *
    FIELD_BOOL,     // bool
    FIELD_WHOLE,    // uint64_t, or FIELD_WORD where the text `word` stands instead of a number
    FIELD_MAYBE,    // MaybeWhole: a whole number that may be left out
    FIELD_NUMBER,   // double
    FIELD_CHOICE,   // const char *, one of `choices`
    FIELD_INIT,     // Init (nn/init.h); with `word` "false", false is allowed and means none
    FIELD_SPLIT,    // Split
    FIELD_SCHEDULE, // Schedule; `record` describes its curve
    FIELD_FIGURE,   // Figure: a number written as a string
    FIELD_FIGURES,  // Figures: an object with one figure a key
    FIELD_TEXTS,    // Texts: a list of strings
    FIELD_OBJECT,   // a struct inside this one, described by `record`
    FIELD_TYPED,    // Typed, one of `registry`
    FIELD_LIST,     // TypedList, each one of `registry`
} FieldKind;

// No bound below is 0 where a word is allowed, so 0 can stand for the word.
enum { FIELD_WORD = 0 };

typedef struct MaybeWhole {
    bool given;
    uint64_t value;
} MaybeWhole;

// The i-th record of a family (layer types, optimizers); NULL behind the last.
typedef const Record *Registry(size_t i);

// A config describes a network or counts; some keys belong to one of them only.
typedef enum ConfigKind { CONFIG_ANY, CONFIG_NETWORK, CONFIG_COUNTS } ConfigKind;

struct Field {
    const char *name;
    ConfigKind only; // the kind of config that has this key
    FieldKind kind;
    size_t offset;      // in the struct
    const char *preset; // the default as JSON; NULL: the field is required, unless it is a note
    double min, max;    // bounds of a number, inclusive; of a text, min is 1 where it may not be empty
    const char *word;
    const char *pattern;        // a regular expression (ECMA-262) for a text, or for the keys of Figures
    const char *const *choices; // ends with NULL
    const Record *record;
    Registry *registry;
    bool is_nullable; // null is allowed, means none, and leaves the field all zero: no value within its bounds is
    bool is_note;     // says nothing about what is trained: may be left out and is then all zero, is not written back
    const char *help;
};

// A Field named as its member of the struct `type`: FIELD(Linear, out, FIELD_WHOLE, .min = 1, .help = "...").
#define FIELD(type, member, the_kind, ...) \
    { .name = #member, .kind = the_kind, .offset = offsetof(type, member), __VA_ARGS__ }

#endif
