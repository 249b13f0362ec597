/* stop.h: the stop signals. */
#ifndef FPSWEEP_APP_STOP_H
#define FPSWEEP_APP_STOP_H

/* Catch SIGUSR1, SIGTERM and SIGINT: the first sets the flag, a second one, more than a second later, kills. */
void fps_stop_install(void);
/* The flag, for fps_farm_options. */
volatile const int *fps_stop_flag(void);

#endif
