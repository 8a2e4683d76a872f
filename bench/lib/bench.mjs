// What the benchmarks share.

import { startPostgres } from '../../tests/lib/postgres.mjs';

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Runs `measure` with the part of a test's context that the test library uses. */
export async function bench(measure) {
  const ends = [];
  try {
    await measure({ after: (end) => ends.push(end) });
  } finally {
    for (const end of ends.reverse()) {
      await end();
    }
  }
}

export const withPostgres = (t) => startPostgres({ atEnd: t.after });
