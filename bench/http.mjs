// Point queries over HTTP on eight connections that stay open, beside pgbench with eight clients
// and the same statement: turn by turn, so that both meet the same machine.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startHttp } from '../tests/lib/http.mjs';
import { bench, median, pgbench, withPostgres } from './lib/bench.mjs';

const CONNECTIONS = 8;
const TURNS = 7;
const QUERY = 'SELECT id, name, price FROM bench_items WHERE id = 4711';
const SCRIPT = fileURLToPath(new URL('lib/mcp.lua', import.meta.url));

function wrk(url) {
  const output = execFileSync('wrk', ['-t1', `-c${CONNECTIONS}`, '-d5s', '-s', SCRIPT, url],
    { encoding: 'utf8', env: { ...process.env, SQL: QUERY } });
  const [, rate, p50, p99, errors] = output.match(/RESULT (\S+) (\S+) (\S+) (\S+)/);
  if (output.includes('WRONG') || errors !== '0') {
    throw new Error(`not every answer was a result:\n${output.slice(0, 2000)}`);
  }
  return { rate: Number(rate), p50, p99 };
}

await bench(async (t) => {
  const postgres = await withPostgres(t);
  await postgres.sql(`CREATE TABLE bench_items AS SELECT id, 'item ' || id AS name, id * 1.5 AS price
    FROM generate_series(1, 100000) AS id`);
  await postgres.sql('ALTER TABLE bench_items ADD PRIMARY KEY (id)');
  await postgres.sql('ANALYZE bench_items');
  const server = await startHttp(t, {
    database: { ...postgres.config, pool_size: CONNECTIONS, max_overflow: 0 },
    mcp: { rate_limit: 0 },
  });
  const ratios = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const theirs = pgbench(postgres, QUERY, CONNECTIONS);
    const ours = wrk(server.url);
    ratios.push(ours.rate / theirs);
    console.log(`${ours.rate.toFixed(0)} calls/s (p50 ${ours.p50} ms, p99 ${ours.p99} ms); `
      + `pgbench -M extended: ${theirs.toFixed(0)}/s; ratio ${ratios.at(-1).toFixed(2)}`);
  }
  console.log(`point query over HTTP, ${CONNECTIONS} connections: ${median(ratios).toFixed(2)} of pgbench `
    + `(median of ${TURNS})`);
});
