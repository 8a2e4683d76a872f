// The official clients, in every mode that they have, do the main job over HTTP.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';
import { startHttp } from './lib/http.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { MODERN, MODERN_META } from './lib/protocol.mjs';
import { textOf } from './lib/server.mjs';

const postgres = await startPostgres();
const info = { name: 'test', version: '1' };
const TOKEN = 'a-token-for-the-tests';

const clients = {
  'sdk 1.x': [Http1, () => new Client1(info)],
  'client 2.x, legacy': [Http2, () => new Client2(info)],
  'client 2.x, auto': [Http2, () => new Client2(info, { versionNegotiation: { mode: 'auto' } })],
  'client 2.x, pinned to 2026-07-28':
    [Http2, () => new Client2(info, { versionNegotiation: { mode: { pin: MODERN } } })],
};

for (const [name, [Transport, create]] of Object.entries(clients)) {
  test(name, async (t) => {
    const server = await startHttp(t,
      { database: { ...postgres.config, lock_timeout: 60_000 }, mcp: { tokens: { test: TOKEN } } });
    const client = create();
    const transport = new Transport(new URL(server.url),
      { requestInit: { headers: { authorization: `Bearer ${TOKEN}` } } });
    await client.connect(transport);

    await t.test('knows the server', () => {
      assert.equal(client.getServerVersion().name, 'pgparley');
    });
    await t.test('lists the tools', async () => {
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      assert.ok(names.includes('execute_sql_query') && names.includes('get_database_schema'));
    });
    await t.test('runs SQL', async () => {
      const result = await client.callTool({
        name: 'execute_sql_query', arguments: { query: 'SELECT name FROM customers ORDER BY id' },
      });
      assert.deepEqual(result.structuredContent.rows, [['Ada'], ['Bob']]);
    });
    await t.test('gets a tool error as a result', async () => {
      const result = await client.callTool({
        name: 'execute_sql_query', arguments: { query: 'DROP TABLE customers' },
      });
      assert.equal(result.isError, true);
      assert.match(textOf(result), /Only SELECT queries are allowed/);
    });
    await t.test('hears of progress', async (t) => {
      const gate = await postgres.closeGate(t);
      const heard = [];
      const options = { onprogress: (progress) => {
        heard.push(progress);
        gate.open();
      } };
      const result = await client.callTool(
        { name: 'execute_sql_query', arguments: { query: 'SELECT count(*) FROM gate' } },
        ...(Transport === Http1 ? [undefined] : []), options);
      assert.ok(!result.isError && heard.length > 0);
    });
    await t.test('cancels with an AbortSignal', async (t) => {
      const gate = await postgres.closeGate(t);
      const abort = new AbortController();
      const call = client.callTool(
        { name: 'execute_sql_query', arguments: { query: 'SELECT * FROM gate' } },
        ...(Transport === Http1 ? [undefined] : []), { signal: abort.signal });
      await Promise.all([
        assert.rejects(call),
        postgres.untilRunning(1).then(() => abort.abort()),
      ]);
      await postgres.untilRunning(0);
      await gate.open();
      assert.ok((await client.listTools()).tools.length >= 2);
    });
    await t.test('ends its session', async () => {
      await transport.terminateSession?.();
      await client.close();
    });
  });
}

test('a wrong token is an error that says so', async (t) => {
  const server = await startHttp(t, { mcp: { tokens: { test: TOKEN } } });
  for (const [Transport, create] of Object.values(clients)) {
    await assert.rejects(create().connect(new Transport(new URL(server.url),
      { requestInit: { headers: { authorization: 'Bearer wrong' } } })), /token|401|[Uu]nauthorized/);
  }
});

test('curl', async (t) => {
  const server = await startHttp(t, { database: postgres.config });
  const { stdout } = await promisify(execFile)('curl', ['-sS', server.url,
    '-H', 'Content-Type: application/json', '-H', `MCP-Protocol-Version: ${MODERN}`,
    '-H', 'Mcp-Method: tools/call', '-H', 'Mcp-Name: execute_sql_query',
    '-d', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: {
      name: 'execute_sql_query', arguments: { query: 'SELECT 1 AS one' }, _meta: MODERN_META } })]);
  assert.deepEqual(JSON.parse(stdout).result.structuredContent.rows, [[1]]);
});
