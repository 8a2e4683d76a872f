// Calls over stdio: latency one by one, throughput with eight connections beside pgbench with eight
// clients and the same statement, and memory with 10,000 waiting.

import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MODERN_META } from '../tests/lib/protocol.mjs';
import { BIN, startServer, writeConfig } from '../tests/lib/server.mjs';
import { bench, median, pgbench, withPostgres } from './lib/bench.mjs';

const QUERY = 'SELECT 1 AS one';
const CALLS = 20_000;
const CONNECTIONS = 8;
const WAITING = 10_000;

async function latency(server) {
  const times = [];
  for (let i = 0; i < 2000; i++) {
    const started = performance.now();
    await server.rows(QUERY);
    times.push(performance.now() - started);
  }
  return median(times);
}

/** Requests from a file and answers that are only counted, so that the client costs nothing. */
async function throughput(t, postgres) {
  const file = path.join(postgres.directory, 'requests.jsonl');
  writeFileSync(file, Array.from({ length: CALLS }, (_, id) => `${JSON.stringify({
    jsonrpc: '2.0', id, method: 'tools/call',
    params: { name: 'execute_sql_query', arguments: { query: QUERY }, _meta: MODERN_META },
  })}\n`).join(''));
  const config = await writeConfig(t, {
    database: { ...postgres.config, pool_size: CONNECTIONS, max_overflow: 0 },
  });
  const input = openSync(file);
  const child = spawn(BIN, ['--config', config], { stdio: [input, 'pipe', 'inherit'] });
  const started = performance.now();
  let answers = 0;
  for await (const chunk of child.stdout) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) {
      answers++;
    }
  }
  closeSync(input);
  return answers / ((performance.now() - started) / 1000);
}

await bench(async (t) => {
  const postgres = await withPostgres(t);
  const server = await startServer(t, { database: postgres.config });
  console.log(`one call at a time: ${(await latency(server)).toFixed(2)} ms (median, client included)`);
  const ours = await throughput(t, postgres);
  const theirs = pgbench(postgres, QUERY, CONNECTIONS);
  console.log(`${CONNECTIONS} connections: ${ours.toFixed(0)} calls/s; pgbench -M extended: `
    + `${theirs.toFixed(0)}/s; ratio ${(ours / theirs).toFixed(2)}`);

  const before = server.residentKiB();
  const waiting = Array.from({ length: WAITING }, () => server.modern('tools/call', {
    name: 'execute_sql_query', arguments: { query: 'SELECT pg_sleep(0.001)' } }));
  await Promise.all(waiting);
  const grown = server.residentKiB('VmHWM') - before;
  console.log(`${WAITING} calls at once: ${(grown / WAITING).toFixed(1)} KiB for each`);
});
