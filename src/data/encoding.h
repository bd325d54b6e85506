// Why a names file is not UTF-8.
#pragma once

#include "base/file.h"

// Sets `err` to the encoding that the file seems to have and the command that converts it, given a byte of the file
// that is a control character of ASCII or not UTF-8. Returns false.
bool encoding_error(Bytes file, const char *at, Error *err);
