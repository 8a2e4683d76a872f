// The gold set is only gold while its SQL runs, and returns and uses what its lines say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createGoldDatabase, goldDatabase, goldOf, resultOf, SETS, usesOf } from './lib/gold.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startServer } from './lib/server.mjs';

const postgres = await startPostgres();
const all = Object.keys(SETS).flatMap(goldOf);

for (const name of Object.keys(SETS)) {
  test(`the questions about ${name}`, async (t) => {
    const startedAt = performance.now();
    await createGoldDatabase(postgres, name);
    const loadedMs = performance.now() - startedAt;
    const server = await startServer(t, { database: goldDatabase(postgres, name) });
    const lines = goldOf(name);
    const used = new Set();
    for (const line of lines) {
      const { id, sql, ordered, tables, columns, rows, md5 } = line;
      assert.deepEqual(await usesOf(postgres, name, sql), { tables, columns }, id);
      assert.deepEqual(await resultOf(server, { sql, ordered }), { rows, truncated: false, md5 }, id);
      assert.ok(rows > 0, `${id} has rows`);
      tables.forEach((table) => used.add(table));
    }
    t.diagnostic(`figure: ${name}: ${lines.length} questions about ${used.size} tables, loaded in ${
      (loadedMs / 1000).toFixed(1)} s`);
  });
}

test('questions and ids are told apart', () => {
  for (const key of ['id', 'question', 'sql']) {
    assert.equal(new Set(all.map((line) => line[key])).size, all.length, key);
  }
  assert.ok(all.length >= 130, `${all.length} questions`);
});
