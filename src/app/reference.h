/* reference.h: a parameter of sweep files in words, for `fpsweep parameters` and its man page. */
#ifndef FPSWEEP_APP_REFERENCE_H
#define FPSWEEP_APP_REFERENCE_H

#include "fpsweep/task.h"

/* "problem", "network", ...; NULL beyond the last. */
const char *fps_reference_group(int group);

/* "whole number from 0 to 64", "number above 0", "one of the names below". */
void fps_reference_kind(const fps_parameter *parameter, char *buffer, size_t size);

/* "lp(p)"; "NUMBER", "EXPRESSION" where no word stands for the entry. */
void fps_reference_entry(const fps_choice_entry *entry, char *buffer, size_t size);

/* "50", "must be given", "none". */
const char *fps_reference_default(const fps_parameter *parameter);

#endif
