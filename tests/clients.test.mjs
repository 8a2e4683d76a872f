// The official clients, in every mode that they have, do the main job.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Client as Client2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { startPostgres } from './lib/postgres.mjs';
import { Transcript } from './lib/protocol.mjs';
import { BIN, temporaryDirectory, textOf, writeConfig } from './lib/server.mjs';

const postgres = await startPostgres();
const relay = fileURLToPath(new URL('lib/relay.mjs', import.meta.url));
const info = { name: 'test', version: '1' };

const clients = {
  'sdk 1.x': [Stdio1, () => new Client1(info)],
  'client 2.x, legacy': [Stdio2, () => new Client2(info)],
  'client 2.x, auto': [Stdio2, () => new Client2(info, { versionNegotiation: { mode: 'auto' } })],
  'client 2.x, pinned to 2026-07-28':
    [Stdio2, () => new Client2(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } })],
};

/** Judges what the relay saw, one process of the server at a time. */
function assertRecordsConform(directory) {
  for (const file of readdirSync(directory)) {
    const transcript = new Transcript();
    for (const entry of readFileSync(`${directory}/${file}`, 'utf8').trimEnd().split('\n')) {
      const { from, line } = JSON.parse(entry);
      from === 'client' ? transcript.sent(line) : transcript.received(line);
    }
    assert.deepEqual(transcript.violations, []);
  }
}

for (const [name, [Transport, create]] of Object.entries(clients)) {
  test(name, async (t) => {
    const records = await temporaryDirectory(t);
    const config = await writeConfig(t, { database: postgres.config });
    const client = create();
    await client.connect(new Transport({
      command: process.execPath, args: [relay, records, BIN, '--config', config], env: process.env,
    }));

    await t.test('knows the server', () => {
      assert.equal(client.getServerVersion().name, 'pgparley');
    });
    await t.test('lists the tools', async () => {
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      assert.ok(names.includes('execute_sql_query') && names.includes('get_database_schema'));
    });
    await t.test('reads the schema', async () => {
      const result = await client.callTool({ name: 'get_database_schema', arguments: {} });
      assert.match(textOf(result), /customers/);
      const schema = result.structuredContent.schemas.find((entry) => entry.name === 'public');
      assert.ok(schema.tables.some((table) => table.name === 'orders'));
    });
    await t.test('runs SQL', async () => {
      const result = await client.callTool({
        name: 'execute_sql_query', arguments: { query: 'SELECT name FROM customers ORDER BY id' },
      });
      assert.deepEqual(result.structuredContent.rows, [['Ada'], ['Bob']]);
    });
    await t.test('reads resources', async () => {
      const { resources } = await client.listResources();
      const { uri } = resources.find((resource) => resource.name === 'public.orders');
      const [{ text }] = (await client.readResource({ uri })).contents;
      assert.match(text, /^public\.orders/m);
      assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 3);
      await assert.rejects(client.readResource({ uri: `${uri}x` }), /not found/i);
    });
    await t.test('gets prompts, their arguments completed', async () => {
      const { prompts } = await client.listPrompts();
      assert.ok(prompts.some((prompt) => prompt.name === 'explore_database'));
      const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: 'explore_database' }, argument: { name: 'schema', value: 'p' } });
      assert.deepEqual(completion.values, ['public']);
      const { messages } = await client.getPrompt({ name: 'explore_database', arguments: { schema: 'public' } });
      assert.match(messages[0].content.text, /public\.orders/);
    });
    await t.test('gets a tool error as a result', async () => {
      const result = await client.callTool({
        name: 'execute_sql_query', arguments: { query: 'DROP TABLE customers' },
      });
      assert.equal(result.isError, true);
      assert.match(textOf(result), /Only SELECT queries are allowed/);
    });
    await t.test('cancels with an AbortSignal', async (t) => {
      const gate = await postgres.closeGate(t);
      const abort = new AbortController();
      const call = client.callTool(
        { name: 'execute_sql_query', arguments: { query: 'SELECT * FROM gate' } },
        ...(Transport === Stdio1 ? [undefined] : []), { signal: abort.signal });
      await Promise.all([
        assert.rejects(call),
        postgres.untilRunning(1).then(() => abort.abort()),
      ]);
      await postgres.untilRunning(0);
      await gate.open();
      assert.ok((await client.listTools()).tools.length >= 2);
    });

    await client.close();
    assertRecordsConform(records);
  });
}
