// What a verdict of the guard costs: our own time, and what PostgreSQL's analysis adds.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { createGuardDatabase, guardDatabase } from '../tests/lib/guard-corpus.mjs';
import { startPostgres } from '../tests/lib/postgres.mjs';
import { BIN } from '../tests/lib/server.mjs';
import { bench } from './lib/bench.mjs';

const TABLES = 10_000;

/** Each in a transaction of its own: their locks together would be too many. */
const createTables = (postgres, database) => postgres.sql(`
  SELECT format('CREATE TABLE t%s (id int PRIMARY KEY, name text, made date)', i)
  FROM generate_series(1, ${TABLES}) i \\gexec
  ANALYZE`, database);

await bench(async (t) => {
  const postgres = await startPostgres({ atEnd: t.after });
  await createGuardDatabase(postgres);
  await postgres.sql('CREATE DATABASE large', 'postgres');
  await createTables(postgres, 'large');
  const { host, port, database } = guardDatabase(postgres);
  const urls = [database, 'large'].map((name) => `host=${host} port=${port} dbname=${name} user=postgres`);
  console.log(`the large database has ${TABLES} tables`);
  const lines = execFileSync(path.join(path.dirname(BIN), 'bench-guard'), urls, { encoding: 'utf8' });
  for (const line of lines.trim().split('\n')) {
    const [what, micros] = line.split('\t');
    console.log(`${what}: ${micros} µs`);
  }
});
