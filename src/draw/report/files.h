// The report page's template, style and scripts: the files report.* beside this one, which make puts into the program.
#ifndef NOMEN_DRAW_REPORT_FILES_H
#define NOMEN_DRAW_REPORT_FILES_H

extern const unsigned char report_html[], report_css[], report_model_js[], report_js[];

#endif
