/* The configurations that connect AI clients to the demo's database, ready to be pasted. */
#ifndef PGPARLEY_APP_DEMO_PASTE_H
#define PGPARLEY_APP_DEMO_PASTE_H

/* Shows them for `program serve --stdio --config config`; both are absolute paths. */
void demo_paste_show(const void *ctx, const char *program, const char *config);

#endif
