// The demo is the first thing that anybody runs: it shows the main job, and cleans up when told.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { serverDirectory } from './lib/postgres.mjs';
import { limit, run } from './lib/server.mjs';

test('pgparley demo', async (t) => {
  const directory = path.join(serverDirectory(), 'demo');
  const clean = () => run(['demo', '--directory', directory, '--clean']);
  t.after(clean);

  await t.test('shows tools, schema, answers, a refusal and what to paste', async () => {
    const { code, stdout, stderr } = await run(['demo', '--directory', directory]);
    assert.equal(code, 0, stderr);
    for (const part of ['get_database_schema', 'execute_sql_query', 'materialized view', 'percent_full',
      'Only SELECT queries are allowed', 'mcpServers']) {
      assert.ok(stdout.includes(part), `${part} is missing in: ${stdout}`);
    }
  });

  await t.test('is quick the second time', async () => {
    const start = performance.now();
    const { code, stderr } = await run(['demo', '--directory', directory]);
    assert.equal(code, 0, stderr);
    assert.ok(performance.now() - start < limit(10_000));
  });

  await t.test('removes everything with --clean, and finds nothing to do after that', async () => {
    assert.equal((await clean()).code, 0);
    assert.equal(existsSync(directory), false);
    assert.equal((await clean()).code, 0);
  });
});
