// What a verdict of the guard costs: our own time, and what PostgreSQL's analysis adds.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { createGuardDatabase, guardDatabase } from '../tests/lib/guard-corpus.mjs';
import { startPostgres } from '../tests/lib/postgres.mjs';
import { BIN } from '../tests/lib/server.mjs';
import { bench } from './lib/bench.mjs';

await bench(async (t) => {
  const postgres = await startPostgres({ atEnd: t.after });
  await createGuardDatabase(postgres);
  const { host, port, database } = guardDatabase(postgres);
  const lines = execFileSync(path.join(path.dirname(BIN), 'bench-guard'),
    [`host=${host} port=${port} dbname=${database} user=postgres`], { encoding: 'utf8' });
  for (const line of lines.trim().split('\n')) {
    const [what, micros] = line.split('\t');
    console.log(`${what}: ${micros} µs`);
  }
});
