// SIGHUP: what is configured anew holds for the next call, and none that runs is lost.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { startServer, textOf, writeConfig } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000 };

/** A server whose configuration can be written anew; `says` is what it then answers with. */
const startReloadable = async (t, security = {}) => {
  const file = await writeConfig(t, { database, mcp: { debug: true }, security });
  const server = await startServer(t, { args: ['--config', file] });
  await server.rows('SELECT 1');
  const reload = async (config, says = /read anew/) => {
    await writeFile(file, typeof config === 'string' ? config
      : JSON.stringify({ database, mcp: { debug: true }, ...config }, null, 2));
    const before = server.stderr.length;
    server.kill('SIGHUP');
    while (!says.test(server.stderr.slice(before))) {
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
    return server.stderr.slice(before);
  };
  return { server, reload, file };
};

test('the policy of the new configuration holds from the next call on', async (t) => {
  const { server, reload } = await startReloadable(t, { max_rows_returned: 5 });
  assert.equal((await server.rows('SELECT * FROM generate_series(1, 9)')).rows.length, 5);
  await reload({ security: { max_rows_returned: 7, blocked_tables: ['customers'] } });
  assert.equal((await server.rows('SELECT * FROM generate_series(1, 9)')).rows.length, 7);
  assert.match(textOf(await server.query('SELECT * FROM customers')), /not shown here/);
});

test('a call that runs keeps what it began with, and its connection is closed after it', async (t) => {
  const { server, reload } = await startReloadable(t);
  const old = await postgres.backends();
  const gate = await postgres.closeGate(t);
  const running = server.query('SELECT 7 FROM gate RIGHT JOIN generate_series(1, 9) ON true');
  await postgres.untilRunning(1);
  await reload({ security: { max_rows_returned: 2 } });
  await reload({ security: { max_rows_returned: 3 } });
  assert.equal((await server.rows('SELECT * FROM generate_series(1, 9)')).rows.length, 3);
  assert.equal((await postgres.backends()).length, 2);
  await gate.open();
  assert.equal((await running).structuredContent.rows.length, 9);
  await postgres.until(`(SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent') = 1`);
  const [left] = await postgres.backends();
  assert.ok(!old.includes(left));
});

test('a mistake in the file is told, and leaves everything as it was', async (t) => {
  const { server, reload, file } = await startReloadable(t, { max_rows_returned: 5 });
  const backends = await postgres.backends();
  for (const [text, pattern] of [
    ['security:\n  max_rows_returned: lots\n', /:2: security\.max_rows_returned: expected integer/],
    ['securty:\n  max_rows_returned: 1\n', /:1: unknown section "securty"[^]*did you mean "security"/],
    ['database: {url: "postgres://u:hunter2@h:p/x/y@z"}', /connection string is not valid/],
    [{ security: { blocked_tables: ['two words'] } }, /blocked_tables: "two words"/],
    ['# nothing\n', /pgparley\.yaml has become empty/],
    [{}, /pgparley\.yaml has lost its section "security"/],
    ['security: {max_rows_returned: 6}\n', /pgparley\.yaml has lost its section "database"/],
  ]) {
    const said = await reload(text, /stays as it was: .*[^]*\n/);
    assert.match(said, pattern);
    assert.ok(!said.includes('hunter2'));
    assert.ok(typeof text !== 'string' || text.includes('url') || said.includes(file), said);
  }
  assert.equal((await server.rows('SELECT * FROM generate_series(1, 9)')).rows.length, 5);
  assert.deepEqual(await postgres.backends(), backends);
});

test('a file that breaks off within a line is not taken, though what is left is valid', async (t) => {
  const { server, reload } = await startReloadable(t);
  const lines = [`database: ${JSON.stringify(database)}`, 'mcp: {debug: true}', 'security:', '  blocked_tables:', '    - orders', '    - customers', ''];
  const whole = lines.join('\n');
  await reload(whole);
  for (let length = whole.indexOf('security') - 1; length < whole.length; length++) {
    if (!whole.slice(0, length).endsWith('orders\n')) {
      await reload(whole.slice(0, length), /stays as it was/);
    }
  }
  assert.match(textOf(await server.query('SELECT * FROM customers')), /not shown here/);
});

test('what takes a restart is said', async (t) => {
  const { server, reload } = await startReloadable(t);
  const said = await reload({ mcp: { debug: true, max_message_bytes: 5000 } });
  assert.match(said, /warning: mcp\.max_message_bytes has changed, which takes a restart/);
  assert.match(said, /read anew/);
  await server.rows('SELECT 1');
});

test('two hundred times: nothing piles up', async (t) => {
  const { server, reload } = await startReloadable(t);
  const size = async (times) => {
    for (let i = 0; i < times; i++) {
      await reload({});
      await server.rows('SELECT 1');
    }
    return server.residentKiB();
  };
  const first = await size(50);
  const last = await size(150);
  t.diagnostic(`figure: ${((last - first) / 150).toFixed(2)} KiB for each reload`);
  assert.ok(last - first < 4096, `${first} KiB became ${last}`);
  await postgres.until(`(SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent') = 1`);
});
