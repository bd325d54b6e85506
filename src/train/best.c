#include "train/best.h"

#include "train/checkpoint.h"

#include <math.h>

static bool file_copy(const char *path, const char *from, Error *err) {
    Arena arena = {0};
    Bytes bytes;
    bool ok = path_check(from, PATH_FILE, err) && file_read(from, &arena, &bytes, err) &&
              file_replace(path, bytes.at, bytes.n, err);
    arena_free(&arena);
    return ok;
}

static bool remove_where_it_is(const char *path, Error *err) {
    return path_kind(path) == PATH_NOTHING || file_remove(path, err);
}

bool best_keep(const RunDir *dir, Error *err) {
    return path_kind(dir->best) == PATH_NOTHING || file_copy(dir->best_before, dir->best, err);
}

bool best_forget(const RunDir *dir, Error *err) { return remove_where_it_is(dir->best_before, err); }

// A run needs none of these files: what is wrong with one keeps nobody from going on.
static bool add_remedy(Error *err) {
    Error damage = *err;
    if (damage.kind != ERROR_FAILURE) return false;
    return error_set(err, "%s; without that file the run goes on, and looks for its best model anew", damage.text);
}

// Whether the file is there, and its model was the best with this dev loss. Within a run each best has a lower loss
// than those before it, so that the loss tells them apart.
static bool has_loss(const char *path, double dev_loss, bool *has, Error *err) {
    *has = false;
    if (path_kind(path) == PATH_NOTHING) return true;
    Arena arena = {0};
    Checkpoint file;
    TrainState state;
    bool ok = path_check(path, PATH_FILE, err) && checkpoint_read(&file, path, &arena, err) &&
              checkpoint_read_state(&file, &state, &arena, err);
    *has = ok && state.best_dev_loss == dev_loss;
    arena_free(&arena);
    return ok || add_remedy(err);
}

bool best_is_there(const RunDir *dir, double dev_loss, bool *is_there, Error *err) {
    *is_there = !isfinite(dev_loss);
    return *is_there || (has_loss(dir->best, dev_loss, is_there, err) &&
                         (*is_there || has_loss(dir->best_before, dev_loss, is_there, err)));
}

bool best_settle(const RunDir *dir, double dev_loss, Error *err) {
    bool is_best = false, is_kept = false;
    if (!isfinite(dev_loss)) return remove_where_it_is(dir->best, err) && best_forget(dir, err);
    if (!has_loss(dir->best, dev_loss, &is_best, err)) return false;
    if (!is_best && !has_loss(dir->best_before, dev_loss, &is_kept, err)) return false;
    // The copy stays until the best model is back, should this be killed, too.
    return (!is_kept || file_copy(dir->best, dir->best_before, err)) && best_forget(dir, err);
}
