/* fpsweep.h: everything a program needs to plan, run and read a sweep. */
#ifndef FPSWEEP_FPSWEEP_H
#define FPSWEEP_FPSWEEP_H

#include "fpsweep/analysis.h"
#include "fpsweep/extension.h"
#include "fpsweep/farm.h"
#include "fpsweep/figure.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/log.h"
#include "fpsweep/plan.h"
#include "fpsweep/results.h"
#include "fpsweep/schedule.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"
#include "fpsweep/trainer.h"
#include "fpsweep/trajectory.h"
#include "fpsweep/version.h"

#endif
