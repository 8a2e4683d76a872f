// From starting the program to its first answer, without a database; memory after the first query.

import { startServer } from '../tests/lib/server.mjs';
import { bench, median, withPostgres } from './lib/bench.mjs';

const STARTS = 40;

await bench(async (t) => {
  const times = { initialize: [], 'server/discover': [] };
  for (let i = 0; i < STARTS; i++) {
    for (const method of Object.keys(times)) {
      const server = await startServer(t);
      const answer = method === 'initialize'
        ? await server.initialize('2025-11-25') : await server.modern(method);
      times[method].push(answer.receivedAt - server.startedAt);
      await server.finish();
    }
  }
  for (const [method, values] of Object.entries(times)) {
    console.log(`start to answered ${method}: ${median(values).toFixed(1)} ms (median of ${STARTS})`);
  }

  const server = await startServer(t, { database: (await withPostgres(t)).config });
  await server.initialize('2025-11-25');
  await server.rows('SELECT 1');
  console.log(`peak memory after the first query: ${(server.residentKiB('VmHWM') / 1024).toFixed(1)} MiB`);
});
