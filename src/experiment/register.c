/* register.c: making an extension known: is its name free, does it do what it says? */
#include "experiment/register.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/task.h"
#include "numeric/expression_syntax.h"
#include "numeric/extension.h"

static const fps_plugin_facts *plugin; /* whose extensions are being registered; NULL: the program's */

void fps_register_on_behalf(const fps_plugin_facts *facts) {
    plugin = facts;
}

/* ---- words ---- */

static fps_status check_form(const char *name) {
    if (!name || !*name)
        return fps_fail(FPS_ERROR_USAGE, "an extension without a name cannot be used");
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (name[length] || isdigit((unsigned char)name[0]) || length >= FPS_EXTENSION_NAME)
        return fps_fail(FPS_ERROR_USAGE,
                        "'%.60s' cannot be a name: up to %d lower-case letters, digits and _, a letter first", name,
                        FPS_EXTENSION_NAME - 1);
    return FPS_OK;
}

/* What the word means already; NULL if nothing. */
static const char *meaning(const char *name) {
    static const char *const coordinates[] = {"x", "x1", "x2", "x3", "side", "record", "axis", "none"};
    int tables;
    const fps_choice_table *const *table = fps_choice_tables(&tables);
    for (size_t i = 0; i < sizeof coordinates / sizeof *coordinates; i++)
        if (strcmp(coordinates[i], name) == 0)
            return "a word of sweep files";
    if (fps_parameter_find(name, -1) >= 0)
        return "a parameter";
    for (int t = 0; t < tables; t++)
        for (int code = 0; code < table[t]->count; code++)
            if (strcmp(table[t]->entry[code].name, name) == 0)
                return table[t]->name;
    for (int f = 0; f < fps_expression_function_count(); f++)
        if (strcmp(fps_expression_functions[f].name, name) == 0)
            return "a function of expressions";
    for (int c = 0; c < fps_expression_constant_count(); c++)
        if (strcmp(fps_expression_constants[c].name, name) == 0)
            return "a constant of expressions";
    return NULL;
}

fps_status fps_register_check_version(const char *what, const char *version) {
    if (!version || !*version)
        return fps_fail(FPS_ERROR_USAGE, "%s has no version: give it one, and raise it whenever its values change",
                        what);
    for (const char *c = version; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
            return fps_fail(FPS_ERROR_USAGE, "%s: the version '%.60s' may hold letters, digits and . _ + - only", what,
                            version);
    if (strlen(version) >= FPS_EXTENSION_VERSION)
        return fps_fail(FPS_ERROR_USAGE, "%s: the version '%.60s' is longer than %d letters", what, version,
                        FPS_EXTENSION_VERSION - 1);
    return FPS_OK;
}

/* Fill what all kinds share, and refuse names that are taken. */
static fps_status describe(fps_extension_kind kind, const char *name, const char *sentence, const char *version,
                           fps_extension *facts) {
    FPS_TRY(check_form(name));
    const char *taken = meaning(name);
    if (taken)
        return fps_fail(FPS_ERROR_USAGE, "the name '%s' is taken: it is %s%s", name,
                        strchr(taken, ' ') ? "" : "a value of ", taken);
    version = version || !plugin ? version : plugin->version;
    FPS_TRY(fps_register_check_version(name, version));
    if (!sentence || !*sentence || strpbrk(sentence, "\t\n\r") || strlen(sentence) >= FPS_EXTENSION_SENTENCE)
        return fps_fail(FPS_ERROR_USAGE, "'%s' needs a sentence of one line, up to %d letters, that says what it is",
                        name, FPS_EXTENSION_SENTENCE - 1);
    *facts = (fps_extension){.kind = kind, .loaded = true};
    snprintf(facts->name, sizeof facts->name, "%s", name);
    snprintf(facts->sentence, sizeof facts->sentence, "%s", sentence);
    snprintf(facts->version, sizeof facts->version, "%s", version);
    if (plugin)
        snprintf(facts->origin, sizeof facts->origin, "%s %s", plugin->name, plugin->version);
    else
        snprintf(facts->origin, sizeof facts->origin, "program");
    return FPS_OK;
}

/* A name that a results file has declared may be filled by the extension that it tells of, nothing else. */
static fps_status check_known(const fps_extension *facts) {
    const fps_extension *known = fps_extension_find(facts->name);
    if (!known)
        return FPS_OK;
    if (known->loaded)
        return fps_fail(FPS_ERROR_USAGE, "'%s' is registered already, by %s", facts->name, known->origin);
    if (known->kind != facts->kind || strcmp(known->version, facts->version) != 0)
        return fps_fail(FPS_ERROR_MISMATCH, "'%s' version %s: a results file that is open was made with version %s",
                        facts->name, facts->version, known->version);
    return FPS_OK;
}

/* ---- registering ---- */

fps_status fps_register_activation(const fps_activation_extension *activation) {
    fps_extension facts;
    FPS_TRY(describe(FPS_EXTENSION_ACTIVATION, activation->name, activation->sentence, activation->version, &facts));
    if (!activation->evaluate_single || !activation->evaluate_double)
        return fps_fail(FPS_ERROR_USAGE, "activation '%s' needs a function for each precision", facts.name);
    if (activation->kink < 0 || activation->kink > 8)
        return fps_fail(FPS_ERROR_USAGE, "activation '%s': kink is %d, but must be 0 (smooth) to 8", facts.name,
                        activation->kink);
    facts.odd = activation->odd;
    facts.kink = activation->kink;
    FPS_TRY(check_known(&facts));
    FPS_TRY(fps_try_activation(activation, &facts.fingerprint));
    return fps_extension_add(&facts, activation, NULL);
}

fps_status fps_register_target(const fps_target_extension *target) {
    fps_extension facts;
    FPS_TRY(describe(FPS_EXTENSION_TARGET, target->name, target->sentence, target->version, &facts));
    if (!target->value)
        return fps_fail(FPS_ERROR_USAGE, "target '%s' has no function", facts.name);
    if (target->dimension < 0 || target->dimension > FPS_MAX_DIMENSION)
        return fps_fail(FPS_ERROR_USAGE, "target '%s': dimension is %d, but must be 1 to %d, or 0 for any", facts.name,
                        target->dimension, FPS_MAX_DIMENSION);
    facts.dimension = target->dimension;
    FPS_TRY(check_known(&facts));
    FPS_TRY(fps_try_target(target, &facts.fingerprint));
    return fps_extension_add(&facts, NULL, target);
}
