// What every test file uses: suites that register themselves, files that clean themselves up, the built program.
#ifndef NOMEN_TESTS_TESTING_H
#define NOMEN_TESTS_TESTING_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

// For a test that crashes or runs out of time Check tells the last assertion that held: it writes the place of each one
// to a file, a microsecond apiece and tens of them under a sanitizer, and tests of every number there is make millions.
// Here only the first that holds at a line is written.
#define _mark_point(file, line) testing_reach(file, line)
void testing_reach(const char *file, int line);

typedef enum Needs {
    NEEDS_NOTHING,
    NEEDS_LECTURE, // data/lecture/names.txt; skipped, and counted so, where it is missing
    NEEDS_LONG,    // the lecture's file, and the argument "long": 200,000 steps
    NEEDS_TORCH,   // a Python with PyTorch and NumPy; skipped likewise
} Needs;

typedef struct Group Group;

void testing_register(const char *name, Needs needs, void (*add)(Group *group));
void testing_add(Group *group, const TTest *test);

// A file's tests: SUITE(text, NEEDS_NOTHING) { ADD(decodes); ADD(encodes); }, once a file, at its end.
#define SUITE(name, needs)                                                                                           \
    static void name##_tests(Group *group);                                                                          \
    __attribute__((constructor)) static void name##_register(void) { testing_register(#name, needs, name##_tests); } \
    static void name##_tests(Group *group)
#define ADD(test) testing_add(group, test)

#define LECTURE_NAMES "data/lecture/names.txt"
#define OUR_NAMES "data/names.txt"

// A command that runs a Python with PyTorch and NumPy: the first python3 of the search path, or the system's own; NULL
// where neither has them.
const char *python_with_torch(void);

// Says in the tests' output what a test leaves out, and why; CI's last lines have it.
void testing_skipped(const char *what);

// A path in a directory of this test alone, which is empty when the test starts and gone when all tests are done. The
// string lives as long as the test.
const char *scratch(const char *name);

// The path of a name in a directory, which lives as long as the test.
const char *inside(const char *dir, const char *name);

// Replaces a file by n bytes, by a string.
void write_bytes(const char *path, const void *bytes, size_t n);
void write_text(const char *path, const char *text);

// A whole file as a string, which lives as long as the test; fails the test where there is none. *n may be NULL.
char *read_text(const char *path, size_t *n);

bool exists(const char *path);

// What the built program did.
typedef struct Output {
    int status; // exit status, as a shell gives it
    char *out, *err;
} Output;

// Runs `build/nomen ARGUMENTS` through the shell, so redirections and quotes work; standard input is empty.
Output nomen(const char *arguments, ...) __attribute__((format(printf, 1, 2)));

// Fails unless the program exited with `status`, printed nothing on standard output and just this line on standard
// error (without its newline).
void expect_refusal(Output output, int status, const char *line, ...) __attribute__((format(printf, 3, 4)));

#endif
