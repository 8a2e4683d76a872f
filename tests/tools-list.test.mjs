// What a model pays for in every conversation: small, stable, and complete.

import assert from 'node:assert/strict';
import test from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { startServer } from './lib/server.mjs';

const toolsOf = async (server) => (await server.modern('tools/list')).result.tools;

test('the list is the same bytes every time', async (t) => {
  const lines = await Promise.all(['one', 'two'].map(async () => {
    const server = await startServer(t);
    const first = (await server.modern('tools/list', {}, 'x')).line;
    assert.equal((await server.modern('tools/list', {}, 'x')).line, first);
    return first;
  }));
  assert.equal(lines[0], lines[1]);
});

test('the list costs at most 1,000 tokens', async (t) => {
  const tools = await toolsOf(await startServer(t));
  const tokens = countTokens(JSON.stringify(tools));
  t.diagnostic(`${tokens} tokens`);
  assert.ok(tokens <= 1000, `${tokens} tokens`);
});

test('each tool has a portable name, a description and the four hints', async (t) => {
  for (const tool of await toolsOf(await startServer(t))) {
    assert.match(tool.name, /^[a-z0-9_]{1,64}$/);
    assert.ok(tool.description.length > 20);
    assert.equal(tool.annotations.readOnlyHint, true);
    assert.equal(tool.annotations.destructiveHint, false);
    assert.equal(tool.annotations.openWorldHint, false);
    assert.equal(typeof tool.annotations.idempotentHint, 'boolean');
  }
});

test('the schemas are plain 2020-12 objects that refuse unknown arguments', async (t) => {
  const ajv = new Ajv2020({ strict: false });
  for (const { inputSchema, outputSchema } of await toolsOf(await startServer(t))) {
    assert.equal(inputSchema.type, 'object');
    assert.equal(inputSchema.additionalProperties, false);
    for (const keyword of ['oneOf', 'anyOf', 'allOf']) {
      assert.equal(keyword in inputSchema, false);
    }
    for (const property of Object.values(inputSchema.properties)) {
      assert.ok(property.type && property.description, JSON.stringify(property));
    }
    ajv.compile(inputSchema);
    if (outputSchema) {
      assert.equal(outputSchema.type, 'object');
      ajv.compile(outputSchema);
    }
  }
});

test('the tutorial names of tools and arguments work', async (t) => {
  const tools = Object.fromEntries((await toolsOf(await startServer(t))).map((tool) => [tool.name, tool]));
  const properties = (name) => Object.keys(tools[name].inputSchema.properties).sort();
  assert.deepEqual(properties('execute_sql_query'), ['max_rows', 'query']);
  assert.deepEqual(tools.execute_sql_query.inputSchema.required, ['query']);
  assert.deepEqual(properties('get_database_schema'), ['budget_tokens', 'detail', 'question', 'schema_filter', 'search', 'table']);
});
