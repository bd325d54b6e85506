// In which parts of a split a name stands: equal names may stand in several.
#ifndef NOMEN_DATA_PARTS_H
#define NOMEN_DATA_PARTS_H

#include "data/dataset.h"

typedef struct NameParts {
    NameSet set;
    const uint8_t *marks; // (n) at the first of equal names: 1 << p for each part p
} NameParts;

// The parts of a list cut as dataset_cut gave it, in memory of `arena`. The list's file and places must live as long.
bool nameparts_create(NameParts *parts, const NameList *list, const Cut *cut, Arena *arena, Error *err);

// The marks of n bytes; 0 where they are no name of the list.
unsigned nameparts_find(const NameParts *parts, const char *bytes, size_t n);

#endif
