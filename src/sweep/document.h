/* document.h: a YAML text as a tree of nodes that know where they stand (library: libyaml).
 *
 * Only what a sweep file needs: scalars, lists, maps. Refused with their place: aliases and anchors, tags, several
 * documents, keys that are no plain words, repeated keys, nesting deeper than 12, texts that are not UTF-8 or larger
 * than 1 MiB.
 */
#ifndef FPSWEEP_SWEEP_DOCUMENT_H
#define FPSWEEP_SWEEP_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "fpsweep/status.h"
#include "sweep/arena.h"
#include "sweep/message.h"

#define FPS_DOCUMENT_BYTES (1 << 20)

typedef enum fps_node_kind { FPS_NODE_SCALAR, FPS_NODE_LIST, FPS_NODE_MAP } fps_node_kind;

typedef struct fps_node fps_node;
struct fps_node {
    fps_node_kind kind;
    fps_place place;
    int text_column;  /* column of the scalar's first letter; 0 if its letters are not those of one line */
    const char *text; /* scalar: without surrounding blanks, line breaks as spaces; else NULL */
    fps_node *first;  /* list: first item; map: first key (a scalar node) */
    fps_node *next;   /* next item or key */
    fps_node *value;  /* key: its value */
    int count;        /* items or keys */
};

/* Parse `text[length]` into nodes of the arena; *root is NULL for an empty document. */
fps_status fps_document_parse(const char *name, const char *text, size_t length, fps_arena *arena, fps_node **root);

/* What a node is, in the user's words: "a list". */
const char *fps_node_word(const fps_node *node);

#endif
