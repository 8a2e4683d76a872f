// Runs a command on the guard's sample database, in a cluster that is gone afterwards:
// node with-guard-database.mjs SQL-FILE COMMAND ARGUMENT…
// The file is run first. PGPARLEY_FUZZ_URL tells the command where the database is.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createGuardDatabase, guardDatabase } from './guard-corpus.mjs';
import { startPostgres } from './postgres.mjs';

const [file, command, ...args] = process.argv.slice(2);
const ends = [];
const postgres = await startPostgres({ atEnd: (end) => ends.push(end) });
// Ctrl+C ends the command first; then the cluster is removed.
process.on('SIGINT', () => {});
try {
  await createGuardDatabase(postgres);
  const { host, port, database } = guardDatabase(postgres);
  await postgres.sql(readFileSync(file, 'utf8'), database);
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: { ...process.env, PGPARLEY_FUZZ_URL: `host=${host} port=${port} dbname=${database}` },
  });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} finally {
  for (const end of ends) {
    await end();
  }
}
