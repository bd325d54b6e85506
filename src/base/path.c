#include "base/path.h"

#include "base/buffer.h"

#include <string.h>

char *path_join(Arena *arena, const char *dir, const char *name, Error *err) {
    if (dir[0] == '\0' || name[0] == '/') return arena_copy(arena, name, strlen(name), err);
    bool has_slash = dir[strlen(dir) - 1] == '/';
    return arena_format(arena, err, has_slash ? "%s%s" : "%s/%s", dir, name);
}

char *path_dir(Arena *arena, const char *path, Error *err) {
    const char *slash = strrchr(path, '/');
    size_t n = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
    return arena_copy(arena, path, n, err);
}

const char *path_quote(const char *path, Arena *arena, Error *err) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=@%+";
    const char *quote = path[0] != '\0' && strspn(path, plain) == strlen(path) ? "" : "'";
    Buffer out = {.arena = arena};
    buffer_print(&out, "%s%s", path[0] == '-' ? "./" : "", quote);
    for (const char *at = path; *at; at++) buffer_print(&out, *at == '\'' ? "'\\''" : "%c", *at);
    buffer_print(&out, "%s", quote);
    return buffer_text(&out, err);
}

char *path_stem(Arena *arena, const char *path, Error *err) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    return arena_copy(arena, name, n, err);
}
