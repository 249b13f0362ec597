/* value_width.c: widths: one number for all hidden layers, or "200-200-100" for each. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sweep/value.h"

static bool is_layers(const char *text) {
    if (!isdigit((unsigned char)text[0]) || !strchr(text, '-'))
        return false;
    for (const char *c = text; *c; c++)
        if (!isdigit((unsigned char)*c) && *c != '-' && *c != ' ')
            return false;
    return true;
}

/* "200-200-100"; kept without blanks, and as one number where all layers are equal is left to the task. */
fps_status fps_value_read_width(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                                fps_value *out) {
    if (!is_layers(node->text))
        return fps_value_read_number(reader, parameter, node, out);
    int32_t widths[FPS_MAX_DEPTH];
    char text[FPS_MAX_DEPTH * 8];
    int layers = 0, used = 0;
    for (const char *c = node->text;;) {
        c += strspn(c, " ");
        size_t digits = strspn(c, "0123456789");
        if (digits == 0 || digits > 9)
            return fps_sweep_fail(reader->name, out->place, "width '%s' is not of the form 200-200-100",
                                  fps_quote(node->text).text);
        if (layers == FPS_MAX_DEPTH)
            return fps_sweep_fail(reader->name, out->place, "width names more than %d layers", FPS_MAX_DEPTH);
        double width = 0;
        for (size_t i = 0; i < digits; i++)
            width = 10 * width + (c[i] - '0');
        FPS_TRY(fps_value_check_number(reader->name, out->place, parameter, width));
        widths[layers] = (int32_t)width;
        used += snprintf(text + used, sizeof text - (size_t)used, "%s%.0f", layers ? "-" : "", width);
        layers++;
        c += digits;
        c += strspn(c, " ");
        if (*c == '\0')
            break;
        if (*c != '-')
            return fps_sweep_fail(reader->name, out->place, "width '%s' is not of the form 200-200-100",
                                  fps_quote(node->text).text);
        c++;
    }
    int32_t *kept = fps_arena_alloc(reader->arena, (size_t)layers * sizeof *kept);
    out->text = fps_arena_copy(reader->arena, text, (size_t)used);
    if (!kept || !out->text)
        return FPS_ERROR_MEMORY;
    memcpy(kept, widths, (size_t)layers * sizeof *kept);
    out->widths = kept;
    out->items = layers;
    return FPS_OK;
}
