#include "cli/terminal_run.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 1 << 20, COLUMNS = 512 };

// Marks the exit status, which the shell prints after the program's output. The shell then waits: when the first
// process of a terminal ends, Linux drops unread output.
#define MARK "\030"
#define SAY_STATUS "; printf '\\030%%d\\030' $?; read reader_is_done"

static char bytes[BYTES], screen[BYTES];

static void become(const char *command, int terminal) {
    setsid();
    if (ioctl(terminal, TIOCSCTTY, 0) != 0) _exit(126);
    for (int i = 0; i < 3; i++) dup2(terminal, i);
    if (terminal > 2) close(terminal);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

// Reads all output and returns the exit status.
static int read_all(int master, char key) {
    size_t used = 0;
    bytes[0] = '\0';
    for (;;) {
        ssize_t got = read(master, bytes + used, BYTES - 1 - used);
        if (got < 0 && errno == EINTR) continue;
        ck_assert_msg(got > 0, "the terminal has ended after: %s", bytes);
        used += (size_t)got;
        ck_assert_uint_lt(used, BYTES - 1);
        bytes[used] = '\0';
        char *mark = strstr(bytes, MARK);
        if (mark && strstr(mark + 1, MARK)) {
            *mark = '\0';
            return atoi(mark + 1);
        }
        if (!key || !strstr(bytes, "\033[K")) continue;
        ck_assert_int_eq(write(master, &key, 1), 1);
        key = 0;
    }
}

// The line of the cursor, which is at column `at`.
typedef struct Line {
    uint32_t cells[COLUMNS];
    size_t n, at;
} Line;

static void leave_line(Line *line, size_t *used) {
    for (size_t i = 0; i < line->n; i++) *used += utf8_encode(line->cells[i], screen + *used);
    screen[(*used)++] = '\n';
    line->n = line->at = 0;
}

static void put(Line *line, uint32_t code_point, size_t columns, TerminalRun *run, size_t *used) {
    if (line->at == columns) {
        run->n_wraps++;
        leave_line(line, used);
    }
    line->cells[line->at++] = code_point;
    if (line->n < line->at) line->n = line->at;
}

// Interprets the output as a terminal does: text, newlines, carriage returns, erasing to the end of the line, colors.
static void show(size_t columns, TerminalRun *run) {
    Line line = {.n = 0};
    size_t used = 0;
    for (const char *at = bytes; *at;) {
        if (strncmp(at, "\r\n", 2) == 0) {
            leave_line(&line, &used);
            at += 2;
        } else if (*at == '\r') {
            line.at = 0;
            run->n_renewed++;
            at++;
        } else if (*at == '\033') {
            const char *end = at + 2 + strspn(at + 2, "0123456789;");
            ck_assert_msg(at[1] == '[' && (*end == 'm' || *end == 'K'), "an escape sequence that nomen should not use");
            if (*end == 'K') line.n = line.at;
            at = end + 1;
        } else {
            uint32_t code_point;
            size_t n = utf8_decode(at, strlen(at), &code_point);
            ck_assert_msg(n > 0 && code_point >= ' ', "neither text nor a known control: %02x",
                          (unsigned)(unsigned char)*at);
            put(&line, code_point, columns, run, &used);
            at += n;
        }
    }
    run->column = line.at;
    if (line.n > 0) leave_line(&line, &used);
    screen[used] = '\0';
}

TerminalRun nomen_at_terminal(unsigned short columns, char key, const char *settings, const char *arguments) {
    const char *command = textf("trap : INT; cd '%s' && export TERM=xterm && env %s \"$NOMEN\" %s" SAY_STATUS,
                                scratch("."), settings, arguments);
    ck_assert_uint_le(columns, COLUMNS);
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    // Opened before the process starts, because reading a terminal that nobody has open fails.
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    ck_assert(terminal >= 0 && ioctl(terminal, TIOCSWINSZ, &size) == 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        close(master);
        become(command, terminal);
    }
    close(terminal);
    TerminalRun run = {.status = read_all(master, key), .bytes = bytes, .screen = screen};
    close(master); // ends the shell
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    show(columns, &run);
    return run;
}
