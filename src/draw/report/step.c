#include "draw/report/report.h"

#include "study/describe.h"
#include "study/diagnose.h"
#include "study/session.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_number(Buffer *out, const char *format, double value) {
    char text[48] = "&ndash;";
    if (isfinite(value)) snprintf(text, sizeof text, format, value);
    buffer_print(out, "<td>%s</td>", text);
}

static void add_verdict(Buffer *out, const char *verdict) {
    buffer_print(out, "<td class=\"%s\">", strncmp(verdict, "ok", 2) == 0 ? "ok" : "look");
    html_text(out, verdict);
    buffer_print(out, "</td></tr>\n");
}

static void add_layers(Buffer *out, const Diagnosis *diagnosis, const Network *network) {
    static const char *const columns[] = {"Layer",           "Mean",    "Std", "Flat", "Dead units",
                                          "Std of gradient", "Verdict", NULL};
    buffer_print(out, "<h3>Outputs of each layer</h3>\n");
    html_open_table(out, "Outputs of each layer", NULL, columns);
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        const LayerDiagnosis *row = &diagnosis->layers[i];
        char name[DESCRIBE_SHAPE_BYTES];
        buffer_print(out, "<tr><th scope=\"row\">%s</th>", describe_layer(&network->layers[row->layer], name));
        add_number(out, "%.3f", row->output.mean);
        add_number(out, "%.3f", row->output.std);
        add_number(out, "%.1f&nbsp;%%", row->has_flats ? row->saturated : (double)NAN);
        add_number(out, "%.0f", row->has_flats ? (double)row->dead : (double)NAN);
        add_number(out, "%.2e", row->gradient.std);
        add_verdict(out, row->verdict);
    }
    html_close_table(out);
}

static void add_weights(Buffer *out, const Diagnosis *diagnosis) {
    static const char *const columns[] = {
        "Weight", "Shape", "Std of gradient", "Gradient / data", "Update / data (log10)", "Verdict", NULL};
    buffer_print(out, "<h3>Weights and their update</h3>\n");
    html_open_table(out, "Weights and their update", NULL, columns);
    for (size_t i = 0; i < diagnosis->n_weights; i++) {
        const WeightDiagnosis *row = &diagnosis->weights[i];
        char shape[DESCRIBE_SHAPE_BYTES];
        buffer_print(out, "<tr><th scope=\"row\">%s</th><td>%s</td>", row->tensor->name,
                     describe_shape(row->tensor->plan->n_dims, row->tensor->plan->dims, shape));
        add_number(out, "%.2e", row->grad_std);
        add_number(out, "%.2e", row->grad_to_data);
        add_number(out, "%.2f", row->update_to_data);
        add_verdict(out, row->verdict);
    }
    html_close_table(out);
}

static bool add_note(Buffer *out, const char *text) {
    buffer_print(out, "<p class=\"note\">");
    html_text(out, text);
    buffer_print(out, ".</p>\n");
    return true;
}

bool report_step(Buffer *out, Report *report, Error *err) {
    Session session;
    Diagnosis diagnosis;
    Error why;
    if (report->saved->model.is_ngram)
        return add_note(out, "Counts are added up, not trained: there are no gradients to look at");
    if (report->source.no_data) return add_note(out, "A step needs the names, which are not available");
    if (!session_from_run(&session, report->run->path, report->saved->config.data.path, report->arena, err) ||
        !diagnosis_create(&diagnosis, &session.trainer, report->arena, err))
        return false;
    if (!diagnose(&session.trainer, &diagnosis, &why)) return add_note(out, why.text);
    buffer_print(out,
                 "<p>Step %s is the next step after these weights, made for this page only, with rate %g and minibatch "
                 "loss %s. An "
                 "output is flat if the slope there is nearly 0; a unit is dead if it is flat for the "
                 "whole minibatch. A good update is about a thousandth of the weights: &minus;3 in log10.</p>\n",
                 HTML_WHOLE(diagnosis.step), diagnosis.rate, HTML_LOSS(diagnosis.loss));
    add_layers(out, &diagnosis, &session.trainer.model.network);
    add_weights(out, &diagnosis);
    return true;
}
