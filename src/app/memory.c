/* memory.c: limits of memory, from the kernel, control groups and the batch system. */
#include "app/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Keep the smaller limit and its name. */
static void lower(fps_memory *memory, double bytes, const char *limit) {
    if (bytes < memory->node_bytes) {
        memory->node_bytes = fmax(bytes, 0);
        memory->limit = limit;
    }
}

/* First number of a file; `fallback` if there is none ("max", or no such file). */
static double read_number(const char *path, double fallback) {
    double value = fallback;
    FILE *file = fopen(path, "r");
    if (!file)
        return fallback;
    if (fscanf(file, "%lf", &value) != 1)
        value = fallback;
    fclose(file);
    return value;
}

/* Number behind a word that begins a line: "MemAvailable: 123 kB", "inactive_file 456". */
static double read_entry(const char *path, const char *word, double fallback) {
    char line[256];
    double value = fallback;
    size_t length = strlen(word);
    FILE *file = fopen(path, "r");
    if (!file)
        return fallback;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, word, length) == 0 && sscanf(line + length, "%lf", &value) == 1)
            break;
    fclose(file);
    return value;
}

/* What one control group still allows: its limit less what it uses; pages of files that it can drop do not count. */
static void look_at_group(const char *folder, const char *limit_name, const char *usage_name, const char *cache_name,
                          fps_memory *memory) {
    char path[4352];
    snprintf(path, sizeof path, "%s/%s", folder, limit_name);
    double limit = read_number(path, INFINITY);
    if (!(limit < 1e18)) /* no limit is "max", or about 9.2e18 */
        return;
    snprintf(path, sizeof path, "%s/%s", folder, usage_name);
    double used = read_number(path, 0);
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    double cache = read_entry(path, cache_name, 0);
    lower(memory, limit - fmax(used - cache, 0), "the memory limit of its control group");
}

/* The control group of this process in one hierarchy, and all above it: every limit counts. Inside a container the
 * path may be the host's: the hierarchy's root then is the container's own group. */
static void look_at_hierarchy(const char *root, const char *group, const char *limit, const char *usage,
                              const char *cache, fps_memory *memory) {
    char folder[4096];
    int length = snprintf(folder, sizeof folder, "%s%s", root, group);
    if (length < 0 || (size_t)length >= sizeof folder)
        return;
    for (size_t shortest = strlen(root); strlen(folder) >= shortest;) {
        look_at_group(folder, limit, usage, cache, memory);
        char *slash = strrchr(folder, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
}

/* Lines of /proc/self/cgroup: "0::/job_1/step_0" (version 2), "4:memory:/job_1" (version 1). */
static void look_at_groups(fps_memory *memory) {
    char line[4096];
    FILE *file = fopen("/proc/self/cgroup", "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *kind = strchr(line, ':'), *group = kind ? strchr(kind + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        if (strcmp(kind + 1, "") == 0)
            look_at_hierarchy("/sys/fs/cgroup", group, "memory.max", "memory.current", "inactive_file", memory);
        else if (strcmp(kind + 1, "memory") == 0)
            look_at_hierarchy("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes", "memory.usage_in_bytes",
                              "total_inactive_file", memory);
    }
    if (file)
        fclose(file);
}

/* What Slurm has given to the job on this node, MB. */
static void look_at_slurm(fps_memory *memory) {
    const char *node = getenv("SLURM_MEM_PER_NODE"), *cpu = getenv("SLURM_MEM_PER_CPU");
    const char *cpus = getenv("SLURM_CPUS_ON_NODE");
    double megabytes = node ? strtod(node, NULL) : cpu && cpus ? strtod(cpu, NULL) * strtod(cpus, NULL) : 0;
    if (megabytes > 0) /* 0: all of the node's */
        lower(memory, megabytes * 1048576, "the memory that Slurm has given to the job on this node");
}

/* ulimit -v, less what this process has already. */
static double process_room(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return INFINITY;
    double used = read_number("/proc/self/statm", 0) * (double)sysconf(_SC_PAGESIZE);
    return fmax((double)limit.rlim_cur - used, 0);
}

void fps_memory_look(fps_memory *out) {
    *out = (fps_memory){.node_bytes = INFINITY, .limit = ""};
    lower(out, 1024 * read_entry("/proc/meminfo", "MemAvailable:", INFINITY), "what is free now");
    look_at_groups(out);
    look_at_slurm(out);
    out->process_bytes = process_room();
}
