// UTF-8, numbers out of text, and the nearest word to a misspelt one.
#ifndef NOMEN_BASE_TEXT_H
#define NOMEN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX_BYTES = 4, UTF8_CODE_POINTS = 0x110000 };

typedef struct Texts {
    size_t n;
    const char **items; // (n)
} Texts;

// Reads one code point from the n >= 1 bytes at `bytes` into *code_point and returns how many bytes it took;
// 0 where they are no UTF-8 (overlong, surrogate, beyond U+10FFFF or cut short: RFC 3629).
size_t utf8_decode(const char *bytes, size_t n, uint32_t *code_point);

// Writes a valid code point and returns its length in bytes; no NUL is added.
size_t utf8_encode(uint32_t code_point, char bytes[UTF8_MAX_BYTES]);

// True where the n bytes are UTF-8 throughout.
bool utf8_is_valid(const char *bytes, size_t n);

// The length of the longest whole number of characters within the first n bytes of valid UTF-8.
size_t utf8_whole(const char *bytes, size_t n);

// Of valid UTF-8: how many code points.
size_t utf8_count(const char *bytes, size_t n);

// Of valid UTF-8: how many columns of a terminal it takes; East Asian wide characters and emoji take two each.
size_t utf8_columns(const char *text);

// True for the code points that Unicode calls white space, other than line ends.
bool utf8_is_space(uint32_t code_point);

// True for the C0 and C1 control characters, DEL and the line ends of Unicode.
bool utf8_is_control(uint32_t code_point);

// Puts "?" for every byte of a control character: what comes from a file cannot speak to a terminal then.
void text_sanitize(char *text);

// The whole text as a decimal number: no spaces, no hexadecimal; infinity where it is too large for a double.
// False where it is none ("nan" and "inf" are none).
bool text_number(const char *text, double *number);

// The whole text as a whole number from min to max; false otherwise.
bool text_whole(const char *text, uint64_t min, uint64_t max, uint64_t *number);

// True where the text ends with `end`, or is all of it.
bool text_ends_with(const char *text, const char *end);

// The index of the word at the least edit distance from `word`, or n where none is near: at most one edit in
// three letters (Levenshtein 1966). words[i] may be NULL.
size_t text_nearest(const char *word, const char *const *words, size_t n);

#endif
