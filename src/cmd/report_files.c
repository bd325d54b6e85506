#include "cmd/report_files.h"

// Lists of numbers that make writes to the build folder, each with a comma behind it.
const unsigned char report_html[] = {
#include "report.html.inc"
    0};
const unsigned char report_css[] = {
#include "report.css.inc"
    0};
const unsigned char report_model_js[] = {
#include "report_model.js.inc"
    0};
const unsigned char report_js[] = {
#include "report.js.inc"
    0};
