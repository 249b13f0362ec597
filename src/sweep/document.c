#include "sweep/document.h"

#include <string.h>
#include <yaml.h>

#include "sweep/syntax.h"

enum { DEEPEST = 12, MOST_KEYS = 256 };

/* State of one parse. */
typedef struct reading {
    const char *name;
    fps_arena *arena;
    yaml_parser_t *parser;
    const char *text; /* text[length] */
    size_t length;
    fps_place quoted; /* where the last quoted value of several lines begins; line 0: there was none */
} reading;

const char *fps_node_word(const fps_node *node) {
    static const char *const words[] = {"a single value", "a list", "a map of keys"};
    return words[node->kind];
}

static fps_place place_of(yaml_mark_t mark) {
    return (fps_place){.line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

/* Length in bytes of the UTF-8 character at text[0 .. left), 0 if it is not one, or is a control character. */
static int character_length(const unsigned char *text, size_t left) {
    if (text[0] < 0x80)
        return (text[0] >= 0x20 && text[0] != 0x7F) || text[0] == '\n' || text[0] == '\r' || text[0] == '\t';
    int length = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    if (text[0] < 0xC2 || text[0] > 0xF4 || left < (size_t)length)
        return 0;
    unsigned code = text[0] & (0xFFu >> (length + 1));
    for (int i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3Fu);
    }
    bool shortest = code >= (length == 2 ? 0x80u : length == 3 ? 0x800u : 0x10000u);
    bool legal =
        code >= 0xA0 && (code < 0xD800 || code > 0xDFFF) && code <= 0x10FFFF && code != 0xFFFE && code != 0xFFFF;
    return shortest && legal ? length : 0;
}

static fps_status check_characters(const char *name, const char *text, size_t length) {
    fps_place place = {1, 1};
    for (size_t i = 0; i < length;) {
        int bytes = character_length((const unsigned char *)text + i, length - i);
        if (bytes == 0)
            return fps_sweep_fail(
                name, place,
                "the byte 0x%02X does not belong in a text; save the file as UTF-8 without control characters",
                (unsigned char)text[i]);
        bool line_end = text[i] == '\n';
        place.column = line_end ? 1 : place.column + 1;
        place.line += line_end;
        i += (size_t)bytes;
    }
    return FPS_OK;
}

/* Next event; every event that fps_document refuses is refused here. The caller deletes it. */
static fps_status next_event(reading *r, yaml_event_t *event) {
    if (!yaml_parser_parse(r->parser, event))
        return fps_syntax_fail(r->name, r->parser, r->text, r->length, r->quoted);
    fps_place place = place_of(event->start_mark);
    const yaml_char_t *anchor = NULL, *tag = NULL;
    fps_status status = FPS_OK;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        status = fps_sweep_fail(r->name, place, "aliases (*%s) are not allowed; repeat the value",
                                fps_quote((const char *)event->data.alias.anchor).text);
        break;
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        if (event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE ||
            event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE)
            r->quoted = event->end_mark.line > event->start_mark.line ? place : r->quoted;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    if (anchor)
        status = fps_sweep_fail(r->name, place, "anchors (&%s) are not allowed; remove it",
                                fps_quote((const char *)anchor).text);
    else if (tag)
        status =
            fps_sweep_fail(r->name, place, "tags (%s) are not allowed; remove it", fps_quote((const char *)tag).text);
    if (status != FPS_OK)
        yaml_event_delete(event);
    return status;
}

/* Copy a scalar: blanks around it dropped, line breaks and tabs as spaces, other control characters refused. */
static fps_status make_scalar(reading *r, const yaml_event_t *event, fps_node *node) {
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    bool quoted = event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE ||
                  event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE;
    bool one_line = event->start_mark.line == event->end_mark.line;
    /* escapes in a quoted scalar: letters and columns no longer agree */
    bool literal = event->end_mark.index - event->start_mark.index == length + (quoted ? 2 : 0);
    size_t skipped = 0;
    while (length > 0 && strchr(" \t\n", value[length - 1]) && value[length - 1])
        length--;
    while (skipped < length && strchr(" \t\n", value[skipped]) && value[skipped])
        skipped++;
    char *text = fps_arena_copy(r->arena, value + skipped, length - skipped);
    if (!text)
        return FPS_ERROR_MEMORY;
    for (size_t i = 0; i < length - skipped; i++) {
        if (text[i] == '\n' || text[i] == '\t' || text[i] == '\r')
            text[i] = ' ';
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return fps_sweep_fail(r->name, node->place, "a value holds a control character; remove it");
    }
    node->text = text;
    if (one_line && literal)
        node->text_column = node->place.column + quoted + (int)skipped;
    return FPS_OK;
}

static fps_status read_node(reading *r, const yaml_event_t *event, int depth, fps_node **out);

static fps_status read_list(reading *r, int depth, fps_node *list) {
    fps_node **tail = &list->first;
    for (;;) {
        yaml_event_t event;
        FPS_TRY(next_event(r, &event));
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return FPS_OK;
        }
        fps_status status = read_node(r, &event, depth, tail);
        yaml_event_delete(&event);
        FPS_TRY(status);
        tail = &(*tail)->next;
        list->count++;
    }
}

static fps_status check_key(const reading *r, const fps_node *map, const fps_node *key) {
    if (key->kind != FPS_NODE_SCALAR)
        return fps_sweep_fail(r->name, key->place, "%s cannot be a key; a key is a word", fps_node_word(key));
    if (key->text[0] == '\0')
        return fps_sweep_fail(r->name, key->place, "a key is empty");
    if (map->count >= MOST_KEYS)
        return fps_sweep_fail(r->name, key->place, "more than %d keys in one map", MOST_KEYS);
    for (const fps_node *other = map->first; other && other != key; other = other->next)
        if (strcmp(other->text, key->text) == 0)
            return fps_sweep_fail(r->name, key->place, "'%s' is given twice, first on line %d; remove one",
                                  fps_quote(key->text).text, other->place.line);
    return FPS_OK;
}

static fps_status read_map(reading *r, int depth, fps_node *map) {
    fps_node **tail = &map->first;
    for (;;) {
        yaml_event_t event;
        FPS_TRY(next_event(r, &event));
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return FPS_OK;
        }
        fps_status status = read_node(r, &event, depth, tail);
        yaml_event_delete(&event);
        FPS_TRY(status);
        fps_node *key = *tail;
        FPS_TRY(check_key(r, map, key));
        FPS_TRY(next_event(r, &event));
        status = read_node(r, &event, depth, &key->value);
        yaml_event_delete(&event);
        FPS_TRY(status);
        tail = &key->next;
        map->count++;
    }
}

/* Build the node that begins with `event` (kept by the caller). */
static fps_status read_node(reading *r, const yaml_event_t *event, int depth, fps_node **out) {
    fps_place place = place_of(event->start_mark);
    if (depth >= DEEPEST)
        return fps_sweep_fail(r->name, place, "nested deeper than %d levels", DEEPEST);
    fps_node *node = fps_arena_alloc(r->arena, sizeof *node);
    if (!node)
        return FPS_ERROR_MEMORY;
    *out = node;
    node->place = place;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        node->kind = FPS_NODE_SCALAR;
        return make_scalar(r, event, node);
    case YAML_SEQUENCE_START_EVENT:
        node->kind = FPS_NODE_LIST;
        return read_list(r, depth + 1, node);
    case YAML_MAPPING_START_EVENT:
        node->kind = FPS_NODE_MAP;
        return read_map(r, depth + 1, node);
    default:
        return fps_sweep_fail(r->name, place, "not valid YAML: a value is missing");
    }
}

/* Stream: start, then at most one document with one node, then the end. */
static fps_status read_stream(reading *r, fps_node **root) {
    int documents = 0;
    for (;;) {
        yaml_event_t event;
        FPS_TRY(next_event(r, &event));
        yaml_event_type_t type = event.type;
        fps_place place = place_of(event.start_mark);
        fps_status status = FPS_OK;
        bool content =
            type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
        if (content)
            status = read_node(r, &event, 0, root);
        yaml_event_delete(&event);
        FPS_TRY(status);
        if (type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            return fps_sweep_fail(r->name, place, "a second document begins; a file holds one sweep");
        if (type == YAML_STREAM_END_EVENT)
            return FPS_OK;
    }
}

fps_status fps_document_parse(const char *name, const char *text, size_t length, fps_arena *arena, fps_node **root) {
    *root = NULL;
    if (length > FPS_DOCUMENT_BYTES)
        return fps_sweep_fail(name, (fps_place){1, 1}, "the file has %zu bytes; a sweep file has at most %d", length,
                              FPS_DOCUMENT_BYTES);
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark, as some editors write */
        text += 3;
        length -= 3;
    }
    FPS_TRY(check_characters(name, text, length));
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory to read %s", name);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    reading r = {.name = name, .arena = arena, .parser = &parser, .text = text, .length = length};
    fps_status status = read_stream(&r, root);
    yaml_parser_delete(&parser);
    return status;
}
