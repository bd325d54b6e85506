// What a names file is if it is a table; {0} if it is none.
#pragma once

#include "base/error.h"
#include "base/field.h"

typedef struct TableGuess {
    ColumnName column; // of the names; {0} if a row is odd
    ColumnName weight; // a column of whole numbers after it; {0} if there is none
    Error odd;         // the first row unlike the others, and why; its text is empty if there is none
} TableGuess;
