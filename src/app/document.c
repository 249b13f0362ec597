/* document.c: `fpsweep --document KIND`. */
#include "app/document.h"

#include <string.h>

static const struct {
    const char *kind;
    void (*print)(FILE *stream);
} kinds[] = {{"man1", fps_document_man1}, {"man5", fps_document_man5}, {"bash", fps_document_bash}};

fps_status fps_document_print(const char *kind, FILE *stream) {
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (kind && strcmp(kind, kinds[k].kind) == 0) {
            kinds[k].print(stream);
            return FPS_OK;
        }
    return fps_fail(FPS_ERROR_USAGE, "--document prints man1, man5 or bash (completion), not '%s'", kind ? kind : "");
}
