#include "draw/report/files.h"

// Lists of numbers that make writes to the build directory, each with a comma behind it.
const unsigned char report_html[] = {
#include "page.html.inc"
    0};
const unsigned char report_css[] = {
#include "page.css.inc"
    0};
const unsigned char report_model_js[] = {
#include "model.js.inc"
    0};
const unsigned char report_js[] = {
#include "page.js.inc"
    0};
