/* syntax.c: mistakes of YAML in the words of people who write sweep files.
 *
 * libyaml tells which token it did not expect; here stands what was probably meant. Its pairs of context and problem
 * are matched from the top; what none matches is told in its own words.
 */
#include "sweep/syntax.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef enum mark_kind { PROBLEM, CONTEXT } mark_kind;

/* The letter that was not expected: any; a tab; the first of its line. */
typedef enum letter_kind { ANY, TAB, FIRST } letter_kind;

static const struct {
    const char *context, *problem; /* beginnings; "": any */
    letter_kind letter;
    mark_kind place;      /* which of libyaml's two marks is told */
    const char *sentence; /* %1 is the line on which the context began, %2 the letter that was not expected */
} mistakes[] = {
    {"while scanning a quoted scalar", "", ANY, CONTEXT,
     "this quote is not closed: a quote is missing behind the value"},
    {"", "found character that cannot start any token", TAB, PROBLEM, "a tab stands here: indent with spaces"},
    {"", "found a tab character that violates indentation", ANY, PROBLEM, "a tab stands here: indent with spaces"},
    {"", "found character that cannot start any token", ANY, PROBLEM,
     "a value cannot begin with '%2': put it into quotes"},
    {"while scanning a directive", "", ANY, CONTEXT, "a line cannot begin with '%': put the value into quotes"},
    {"while scanning an anchor", "", ANY, CONTEXT, "a value cannot begin with '&': put it into quotes"},
    {"while scanning an alias", "", ANY, CONTEXT, "a value cannot begin with '*': put it into quotes"},
    {"while scanning a tag", "", ANY, CONTEXT, "a value cannot begin with '!': put it into quotes"},
    {"while scanning a block scalar", "", ANY, CONTEXT, "a value cannot begin with '|' or '>': put it into quotes"},
    {"while parsing a quoted scalar", "", ANY, PROBLEM,
     "a backslash in double quotes begins an escape, but not this one: use single quotes"},
    {"while scanning a simple key", "could not find expected ':'", ANY, CONTEXT,
     "a key is followed by a colon and a space, as in 'steps: 100'"},
    {"", "mapping values are not allowed in this context", ANY, PROBLEM,
     "no key ends here: a colon is missing on a line before, or a value with a colon needs quotes"},
    {"", "block sequence entries are not allowed in this context", ANY, PROBLEM,
     "no list can begin here: write [a, b], or its items on lines of their own"},
    {"while parsing a block mapping", "did not find expected key", FIRST, PROBLEM,
     "the indentation is wrong: all keys of a map, or items of a list, begin in the same column"},
    {"while parsing a block mapping", "did not find expected key", ANY, PROBLEM,
     "the value ended before this: begin a new line, or put the whole value into quotes"},
    {"while parsing a block collection", "", ANY, PROBLEM,
     "the indentation is wrong: all items of a list begin with '- ' in the same column"},
    {"while parsing a flow sequence", "", ANY, PROBLEM,
     "a ',' or ']' is missing before this: the list that begins on line %1 is not closed"},
    {"while parsing a flow mapping", "", ANY, PROBLEM,
     "a ',' or '}' is missing before this: the map that begins on line %1 is not closed"},
    {"", "did not find expected node content", ANY, PROBLEM, "a value is missing before this"},
    {"", "did not find expected <document start>", ANY, PROBLEM,
     "the sweep ended before this: check indentation and brackets of the lines before"},
};
enum { MISTAKES = sizeof mistakes / sizeof *mistakes };

static bool begins(const char *text, const char *beginning) {
    return strncmp(text ? text : "", beginning, strlen(beginning)) == 0;
}

/* Place in text[length] of a mark, whose columns count characters; `length` if it is behind the end. */
static size_t place_of(const char *text, size_t length, size_t line, size_t column) {
    size_t i = 0;
    for (; line > 0 && i < length; i++)
        line -= text[i] == '\n';
    for (; column > 0 && i < length && text[i] != '\n'; column--)
        do
            i++;
        while (i < length && ((unsigned char)text[i] & 0xC0) == 0x80);
    return i;
}

/* Do blanks alone stand before place i in its line, and something there? */
static bool is_first(const char *text, size_t length, size_t i) {
    if (i == length || text[i] == '\n')
        return false;
    while (i > 0 && text[i - 1] == ' ')
        i--;
    return i == 0 || text[i - 1] == '\n';
}

static bool fits(const char *text, size_t length, size_t found, letter_kind kind) {
    return kind == ANY || (kind == TAB ? found < length && text[found] == '\t' : is_first(text, length, found));
}

/* The sentence with its places filled in. */
static void fill(char *buffer, size_t size, const char *sentence, size_t line, char found) {
    size_t used = 0;
    for (const char *c = sentence; *c && used + 24 < size; c++) {
        if (*c == '%' && c[1] == '1')
            used += (size_t)snprintf(buffer + used, size - used, "%zu", line);
        else if (*c == '%' && c[1] == '2')
            buffer[used++] = found;
        else
            buffer[used++] = *c;
        c += *c == '%' && (c[1] == '1' || c[1] == '2');
    }
    buffer[used] = '\0';
}

fps_status fps_syntax_fail(const char *name, const yaml_parser_t *parser, const char *text, size_t length,
                           fps_place quoted) {
    char sentence[256], unclosed[96] = "";
    if (parser->error == YAML_MEMORY_ERROR)
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory to read %s", name);
    if (quoted.line > 0)
        snprintf(unclosed, sizeof unclosed, "; or is the quote on line %d not closed?", quoted.line);
    const size_t found = place_of(text, length, parser->problem_mark.line, parser->problem_mark.column);
    for (int m = 0; m < MISTAKES; m++) {
        if (!begins(parser->context, mistakes[m].context) || !begins(parser->problem, mistakes[m].problem) ||
            !fits(text, length, found, mistakes[m].letter))
            continue;
        yaml_mark_t mark =
            mistakes[m].place == CONTEXT && parser->context ? parser->context_mark : parser->problem_mark;
        fill(sentence, sizeof sentence, mistakes[m].sentence, parser->context_mark.line + 1,
             found < length ? text[found] : ' ');
        return fps_sweep_fail(name, (fps_place){(int)mark.line + 1, (int)mark.column + 1}, "%s%s", sentence, unclosed);
    }
    return fps_sweep_fail(name, (fps_place){(int)parser->problem_mark.line + 1, (int)parser->problem_mark.column + 1},
                          "not valid YAML: %s%s%s%s", parser->context ? parser->context : "",
                          parser->context ? ", " : "", parser->problem ? parser->problem : "unreadable", unclosed);
}
