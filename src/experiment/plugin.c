/* plugin.c: extensions from a shared library that is loaded at run time. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/register.h"
#include "fpsweep/memory.h"

/* Let the plug-in register what it has. */
static fps_status enter(const char *path, void *handle) {
    const fps_plugin_facts *facts = dlsym(handle, "fpsweep_plugin_facts");
    fps_status (*entry)(const fps_registry *) = NULL;
    *(void **)&entry = dlsym(handle, "fpsweep_plugin");
    if (!facts || !entry)
        return fps_fail(FPS_ERROR_INPUT, "%s is no plug-in of fpsweep: it has no %s (see fpsweep/extension.h)", path,
                        facts ? "function fpsweep_plugin()" : "line FPSWEEP_PLUGIN(\"name\", \"version\")");
    if (facts->abi != FPSWEEP_PLUGIN_ABI)
        return fps_fail(FPS_ERROR_INPUT,
                        "%s was compiled for version %d of the plug-in interface, this fpsweep has version %d: compile "
                        "it again with the headers of this fpsweep",
                        path, facts->abi, FPSWEEP_PLUGIN_ABI);
    if (!facts->name || !*facts->name || strlen(facts->name) >= FPS_EXTENSION_NAME || strpbrk(facts->name, " \t\r\n"))
        return fps_fail(FPS_ERROR_INPUT, "%s: a plug-in has a name of up to %d letters, without spaces", path,
                        FPS_EXTENSION_NAME - 1);
    const fps_registry registry = {FPSWEEP_PLUGIN_ABI, fps_register_activation, fps_register_target};
    fps_status status = fps_register_check_version(facts->name, facts->version);
    if (status == FPS_OK) {
        fps_register_on_behalf(facts);
        (void)fps_fail(FPS_ERROR_INPUT, "its function fpsweep_plugin() reports an error");
        status = entry(&registry);
        fps_register_on_behalf(NULL);
    }
    return status == FPS_OK ? FPS_OK : fps_fail_context(FPS_ERROR_INPUT, "%s", path);
}

static fps_status load(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s", strchr(name, '/') ? "" : "./", name);
    if (access(path, R_OK) != 0)
        return fps_fail(FPS_ERROR_INPUT, "the plug-in %s cannot be read: is the path right, seen from every node?",
                        name);
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return fps_fail(FPS_ERROR_INPUT, "the plug-in %s cannot be loaded: %s", name, dlerror());
    fps_status status = enter(name, handle);
    /* What was registered stays in use: never dlclose. */
    return status;
}

fps_status fps_plugin_load(const char *path) {
    char *copy = fps_strdup(path), *rest = copy, *name;
    fps_status status = copy ? FPS_OK : FPS_ERROR_MEMORY;
    while (status == FPS_OK && (name = strsep(&rest, ":")) != NULL)
        if (*name)
            status = load(name);
    fps_free(copy);
    return status;
}
