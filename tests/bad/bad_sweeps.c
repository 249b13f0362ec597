/* bad_sweeps.c: wrong sweep files, each with the one line that refuses it.
 *
 *   bad_sweeps DIRECTORY                  every *.yaml must be refused in the words of its first line, which reads
 *                                         # expect: :LINE:COLUMN: what is wrong
 *   bad_sweeps --all-disagree DIRECTORY   every file must fail that check: the check of the checker
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "fpsweep/plan.h"

static const char mark[] = "# expect: ";
enum { FEWEST = 60 };

static int is_sweep(const struct dirent *entry) {
    const char *end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".yaml") == 0;
}

/* Copy the file's first line behind the mark; false if it has none. */
static bool read_expected(const char *text, char *expected, size_t size) {
    if (strncmp(text, mark, strlen(mark)) != 0)
        return false;
    text += strlen(mark);
    size_t length = strcspn(text, "\n");
    if (length == 0 || length >= size)
        return false;
    memcpy(expected, text, length);
    expected[length] = '\0';
    return true;
}

/* Is the file refused with status ERROR_SWEEP and the message "name" followed by its first line? Says why not. */
static bool agrees(const char *directory, const char *name) {
    char path[4096], expected[1024], full[2048];
    char *text;
    size_t length;
    fps_plan *plan = NULL;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (fps_file_read(path, &text, &length) != FPS_OK) {
        printf("%s\n", fps_error_message());
        return false;
    }
    bool good = false;
    fps_status status = fps_plan_create(name, text, length, &plan);
    if (!read_expected(text, expected, sizeof expected)) {
        printf("%s: the first line does not begin with '%s:LINE:COLUMN: '\n", name, mark);
    } else if (status == FPS_OK) {
        printf("%s: accepted\n    expected %s\n", name, expected);
    } else {
        snprintf(full, sizeof full, "%s%s", name, expected);
        good = status == FPS_ERROR_SWEEP && strcmp(full, fps_error_message()) == 0 && !strchr(full, '\n');
        if (!good)
            printf("%s: %s\n    expected %s\n    but was  %s\n", name, fps_status_name(status), full,
                   fps_error_message());
    }
    fps_plan_destroy(&plan);
    fps_free(text);
    return good;
}

int main(int argc, char **argv) {
    bool disagree = argc == 3 && strcmp(argv[1], "--all-disagree") == 0;
    if (argc != 2 && !disagree) {
        fprintf(stderr, "usage: bad_sweeps [--all-disagree] DIRECTORY\n");
        return 2;
    }
    const char *directory = argv[argc - 1];
    struct dirent **entry;
    int files = scandir(directory, &entry, is_sweep, alphasort), wrong = 0;
    if (files < 0) {
        perror(directory);
        return 2;
    }
    for (int i = 0; i < files; i++) {
        wrong += agrees(directory, entry[i]->d_name) == disagree;
        free(entry[i]);
    }
    free(entry);
    printf("%d files, %d %s\n", files, wrong, disagree ? "passed a check that they must fail" : "wrong");
    bool enough = disagree ? files > 0 : files >= FEWEST;
    if (!enough)
        printf("too few files in %s\n", directory);
    return wrong > 0 || !enough;
}
