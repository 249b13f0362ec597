/* shard.c: which tasks belong to a part of a sweep. */
#include "fpsweep/plan.h"

bool fps_shard_holds(fps_shard shard, int64_t task) {
    return shard.count < 1 || task % shard.count + 1 == shard.index;
}

int64_t fps_shard_tasks(fps_shard shard, int64_t tasks) {
    return shard.count < 1 ? tasks : (tasks - shard.index + shard.count) / shard.count;
}
