#include "store/text.h"

#include <string.h>

#include "fpsweep/memory.h"
#include "store/identity.h"

enum { SLOTS = 64, TEXT = 128 };

struct slot {
    fps_choice choice;
    int length; /* 0: empty */
    char text[TEXT];
};

struct fps_text_memo {
    struct slot *slot; /* [fps_parameter_count][SLOTS] */
    fps_identity *identity;
};

fps_status fps_text_memo_create(fps_text_memo **out) {
    FPS_TRY(FPS_ALLOC(*out, 1));
    fps_status status = FPS_ALLOC((*out)->slot, (size_t)fps_parameter_count * SLOTS);
    if (status == FPS_OK)
        status = fps_identity_create(&(*out)->identity);
    if (status != FPS_OK)
        fps_text_memo_destroy(out);
    return status;
}

void fps_text_memo_destroy(fps_text_memo **memo) {
    if (!*memo)
        return;
    fps_identity_destroy(&(*memo)->identity);
    fps_free((*memo)->slot);
    fps_free(*memo);
    *memo = NULL;
}

static bool same_bits(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

const char *fps_text_parameter(fps_text_memo *memo, int parameter, const fps_task *task, int *length) {
    const fps_parameter *p = &fps_parameters[parameter];
    const char *field = (const char *)task + p->offset;
    if (p->kind == FPS_KIND_TEXT) {
        const char *text = *(const char *const *)field;
        text = text ? text : "";
        *length = (int)strlen(text);
        return text;
    }
    const fps_choice *choice = (const fps_choice *)field;
    if (choice->text) {
        *length = (int)strlen(choice->text);
        return choice->text;
    }
    uint64_t key[FPS_CHOICE_ARGUMENTS];
    memcpy(key, choice->argument, sizeof key);
    uint64_t mixed = (key[0] ^ key[1] << 1 ^ (uint64_t)choice->code << 40) * UINT64_C(0x9E3779B97F4A7C15);
    struct slot *slot = &memo->slot[(size_t)parameter * SLOTS + (mixed >> 58)];
    if (slot->length == 0 || slot->choice.code != choice->code ||
        !same_bits(slot->choice.argument[0], choice->argument[0]) ||
        !same_bits(slot->choice.argument[1], choice->argument[1])) {
        slot->choice = *choice;
        slot->length = fps_parameter_format(p, task, slot->text, TEXT);
        if (slot->length >= TEXT)
            slot->length = TEXT - 1;
    }
    *length = slot->length;
    return slot->text;
}

uint64_t fps_text_identity(fps_text_memo *memo, const fps_task *task) {
    return fps_identity_of(memo->identity, task);
}

/* Append a number in decimal; return the end. */
static char *append_number(char *end, int64_t number) {
    char digits[24];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *end++ = digits[--count];
    return end;
}

int fps_text_layers(const fps_task *task, char *buffer) {
    fps_network_shape shape;
    fps_task_shape(task, &shape);
    char *end = append_number(buffer, shape.inputs);
    for (int32_t l = 0; l < shape.depth; l++) {
        *end++ = '-';
        end = append_number(end, shape.width[l]);
    }
    *end++ = '-';
    *end++ = '1';
    *end = '\0';
    return (int)(end - buffer);
}
