/* demo/sample.sql as the build put it into the program (scripts/embed.py), NUL-terminated. */
#ifndef PGPARLEY_APP_DEMO_SAMPLE_H
#define PGPARLEY_APP_DEMO_SAMPLE_H

extern const char demo_sample_sql[];

#endif
