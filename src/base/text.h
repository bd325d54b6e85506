// UTF-8, numbers in text, and the nearest word to a misspelt one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX_BYTES = 4, UTF8_CODE_POINTS = 0x110000 };

typedef struct Texts {
    size_t n;
    const char **items; // (n)
} Texts;

// Reads one code point from n >= 1 bytes and returns its length in bytes, or 0 if they are not valid UTF-8 (overlong,
// surrogate, beyond U+10FFFF or cut short: RFC 3629).
size_t utf8_decode(const char *bytes, size_t n, uint32_t *code_point);

// Writes a valid code point, without a NUL, and returns its length in bytes.
size_t utf8_encode(uint32_t code_point, char bytes[UTF8_MAX_BYTES]);

bool utf8_is_valid(const char *bytes, size_t n);

// The next three functions take valid UTF-8.

// Returns the length of the most whole characters in the first n bytes.
size_t utf8_whole(const char *bytes, size_t n);

// Returns the number of code points.
size_t utf8_count(const char *bytes, size_t n);

// Returns the columns of a terminal that the text takes. East Asian wide characters and emoji take two, combining marks
// none.
size_t utf8_columns(const char *text);

// Returns true for Unicode white space other than line ends.
bool utf8_is_space(uint32_t code_point);

// Returns true for C0 and C1 control characters, DEL and the line ends of Unicode.
bool utf8_is_control(uint32_t code_point);

// Returns true for a combining mark: an accent, a vowel sign and the like, which combines with the letter before it.
bool utf8_is_mark(uint32_t code_point);

// A line ends in LF, CR LF or CR.
static inline bool text_is_line_end(char c) { return c == '\n' || c == '\r'; }

// Returns the beginning of the line after a line end. Another byte must follow the line end.
static inline const char *text_next_line(const char *line_end) {
    return line_end + 1 + (line_end[0] == '\r' && line_end[1] == '\n');
}

// Replaces every byte of a control character by "?", so that text from a file cannot control a terminal.
void text_sanitize(char *text);

// Reads the whole text as a decimal number without spaces; "nan" and "inf" are refused. Too large a number is infinite.
bool text_number(const char *text, double *number);

// Reads the whole text as a whole number from min to max.
bool text_whole(const char *text, uint64_t min, uint64_t max, uint64_t *number);

bool text_ends_with(const char *text, const char *end);

// Returns the index of the word that a mistyped word means, or n if none is near: the word at the least edit distance,
// of at most one edit per three letters, rounded. A word that begins with the mistyped word ranks before two edits. A
// word that is the beginning of the mistyped word ranks last. words[i] may be NULL.
size_t text_nearest(const char *word, const char *const *words, size_t n);

// Returns the index of the first text that begins with `word`, or n: "learning-rate" means "learning rate: a number".
// At least three letters count. texts[i] may be NULL.
size_t text_described(const char *word, const char *const *texts, size_t n);
