// The guard against its corpora, on a real server, as roles that could do anything or only read.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  addObjects, AMBIGUOUS, ATTACKS, BENIGN, BENIGN_17, BOMBS, COLUMN_VALUES, COLUMNS,
  createGuardDatabase, guardDatabase, makeHostile, POLICY, replayAttacks, replayBenign, replayBombs,
  TRAPS,
} from './lib/guard-corpus.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { limit, sanitized, startServer } from './lib/server.mjs';

const postgres = await startPostgres();
await createGuardDatabase(postgres);

const version = Math.floor(await postgres.sql('SHOW server_version_num') / 10000);
/** The digests of good rows are those of one version: others print some types differently. */
const digests = version === 15;
const MIB = 1024 * 1024;

const start = (t, role, security, database) => startServer(t, {
  database: guardDatabase(postgres, role, { statement_timeout: limit(5000), ...database }),
  security: { ...POLICY, max_result_bytes: 16 * MIB, max_cell_bytes: 16 * MIB, ...security },
});

const percent = (part, whole) => `${(100 * part / whole).toFixed(1)} %`;

function corpora(analysis, role, mode) {
  test(`analysis=${analysis} role=${role} ${mode}`, async (t) => {
    const server = await start(t, role, { analysis });
    const attacks = [...ATTACKS, ...AMBIGUOUS];
    const through = await replayAttacks(server, postgres, attacks);
    const { refused, wrong } = await replayBenign(server, BENIGN, role, { digests });
    const share = analysis === 'local' ? ` (${percent(refused.length, BENIGN.length)})` : '';
    t.diagnostic(`figure: analysis=${analysis} role=${role} ${mode}: ${through.length} of ` +
      `${attacks.length} attacks got through, ${refused.length} of ${BENIGN.length} good queries ` +
      `refused${share}, rows ${wrong.length ? `wrong in ${wrong.length}` : 'right'}`);

    assert.deepEqual(through, []);
    assert.deepEqual(wrong, []);
    if (analysis === 'server') {
      assert.deepEqual(refused, []);
    } else {
      assert.ok(refused.length <= BENIGN.length * 0.03, JSON.stringify(refused, null, 1));
      assert.deepEqual(refused.filter(({ error }) =>
        !/security\.analysis|log_min_messages/.test(error?.hint)), []);
    }
  });
}

// The sanitizers look at the code, which is the same for every role.
const roles = sanitized ? ['postgres'] : ['postgres', 'guard_owner', 'guard_reader'];

for (const role of roles) {
  corpora('server', role, 'plain');
}
corpora('local', 'postgres', 'plain');

for (const analysis of ['server', 'local']) {
  test(`good queries that PostgreSQL 17 knows, analysis=${analysis}`, { skip: version < 17 }, async (t) => {
    const server = await start(t, 'postgres', { analysis });
    assert.deepEqual((await replayBenign(server, BENIGN_17, 'postgres')).refused, []);
  });
}

test('bombs are answered in time, and leave nothing behind', async (t) => {
  const timeoutMs = 2000;
  const server = await start(t, 'postgres',
    { analysis: 'server', max_result_bytes: 100_000, max_cell_bytes: 8192 },
    { statement_timeout: timeoutMs, max_orphans: 20 }); // each bomb is to be tried
  const startedAt = await postgres.sql('SELECT pg_postmaster_start_time()');
  await replayBenign(server, BENIGN, 'postgres');
  const before = server.residentKiB();

  const { findings, slowestMs } = await replayBombs(server, postgres, BOMBS, {
    withinMs: limit(timeoutMs + 1000), maxRows: 1000, atOnce: 3 });
  assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
  const most = before * 1.2;
  for (let i = 0; i < 50 && server.residentKiB() > most; i++) {
    await sleep(100);
  }
  const after = server.residentKiB();
  t.diagnostic(`figure: ${BOMBS.length} bombs: the slowest answer took ${(slowestMs / 1000).toFixed(1)} s ` +
    `with a timeout of ${timeoutMs / 1000} s; resident memory ${before} KiB before, ${after} KiB after`);

  assert.deepEqual(findings, []);
  if (!sanitized) {
    assert.ok(after <= most, `${before} KiB before, ${after} KiB after`);
  }
  assert.equal(await postgres.sql('SELECT pg_postmaster_start_time()'), startedAt,
    'PostgreSQL did not have to restart');
});

for (const analysis of ['server', 'local']) {
  test(`blocked columns, analysis=${analysis}`, async (t) => {
    if (analysis === 'server') {
      await addObjects(postgres, 'columns.sql');
    }
    const server = await start(t, 'postgres', { analysis,
      blocked_columns: ['customers.email', 'analytics.customer.c_phone', 'orders.notes'] });
    const attacks = COLUMNS.filter(({ expect }) => expect !== 'allow');
    const good = COLUMNS.filter(({ expect }) => expect === 'allow');
    const through = await replayAttacks(server, postgres, attacks, COLUMN_VALUES);
    const { refused, wrong } = await replayBenign(server, good, 'postgres');
    t.diagnostic(`figure: blocked columns, analysis=${analysis}: ${through.length} of ` +
      `${attacks.length} attacks got through, ${refused.length} of ${good.length} good queries refused`);
    assert.deepEqual(through, []);
    assert.deepEqual(wrong, []);
    assert.deepEqual(analysis === 'server' ? refused : [], []);
  });
}

test('the database gets hostile defaults', () => makeHostile(postgres));

for (const role of roles) {
  corpora('server', role, 'hostile');
}
corpora('local', 'postgres', 'hostile');

for (const analysis of ['server', 'local']) {
  test(`traps in the database, analysis=${analysis}`, async (t) => {
    if (analysis === 'server') {
      await addObjects(postgres, 'traps.sql');
    }
    const server = await start(t, 'postgres', { analysis });
    const through = await replayAttacks(server, postgres, TRAPS);
    t.diagnostic(`figure: traps in the database, analysis=${analysis}: ${through.length} of ` +
      `${TRAPS.length} attacks got through`);
    assert.deepEqual(through, []);
  });
}
