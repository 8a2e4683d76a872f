// What a verdict of the guard costs: our own time, and what PostgreSQL's analysis adds.

import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from '../tests/lib/server.mjs';
import { bench, withPostgres } from './lib/bench.mjs';

const schema = join(dirname(fileURLToPath(import.meta.url)), '../tests/corpus/guard/schema.sql');

await bench(async (t) => {
  const postgres = await withPostgres(t, { file: schema });
  const lines = execFileSync(join(dirname(program), 'bench-guard'), [postgres.url], { encoding: 'utf8' });
  for (const line of lines.trim().split('\n')) {
    const [what, micros] = line.split('\t');
    console.log(`${what}: ${micros} µs`);
  }
});
