// What the benchmarks share.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
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

/** Transactions per second of pgbench with as many clients, each of one statement. */
export function pgbench(postgres, query, clients) {
  const script = path.join(postgres.directory, 'pgbench.sql');
  writeFileSync(script, `${query};\n`);
  const output = execFileSync(path.join(postgres.bin, 'pgbench'), ['-n', '-M', 'extended',
    '-c', clients, '-T', 5, '-f', script, '-h', postgres.directory, '-p', postgres.port,
    '-U', 'postgres', 'shop'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return Number(output.match(/tps = ([\d.]+)/)[1]);
}
