/* What systemd says to a service by its environment, and hears from it; nothing without it. */
#ifndef PGPARLEY_APP_SYSTEMD_H
#define PGPARLEY_APP_SYSTEMD_H

#include <stddef.h>

/* Listening sockets that were opened for us (sd_listen_fds(3)): `*ret_first` is the first of so
 * many descriptors in a row. The next call, and child processes, find none. */
size_t app_systemd_sockets(int *ret_first);

/* Tells the state (sd_notify(3)): lines like "READY=1". Never blocks; that nobody hears it is no
 * error. */
void app_systemd_notify(const char *state);

/* That a reload begins; "READY=1" ends it. */
void app_systemd_notify_reload(void);

#endif
