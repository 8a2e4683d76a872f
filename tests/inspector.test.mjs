// The inspector's command line, in every era that it speaks.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { startHttp } from './lib/http.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { BIN, temporaryDirectory, textOf, writeConfig } from './lib/server.mjs';

const INSPECTOR = fileURLToPath(
  new URL('node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url));
const QUERY = ['--tool-name', 'execute_sql_query',
  '--tool-args-json', '{"query":"SELECT name FROM customers ORDER BY id"}'];

const postgres = await startPostgres();

/** Runs one method; its result. */
async function inspect(home, target, ...args) {
  const child = spawn(process.execPath, [INSPECTOR, '--cli', ...args, '--format', 'json', ...target],
    { env: { ...process.env, HOME: home, NODE_COMPILE_CACHE: home }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => { output[name] += text; });
  }
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0, `${args.join(' ')}: ${output.stderr}${output.stdout}`);
  return JSON.parse(output.stdout).result;
}

async function judge(t, target) {
  const home = await temporaryDirectory(t);
  await Promise.all(['legacy', 'auto', 'modern'].map(async (era) => {
    const ask = (method, ...args) =>
      inspect(home, target, '--protocol-era', era, '--method', method, ...args);
    assert.ok((await ask('tools/list', '--strict')).tools.length >= 2);
    assert.match(textOf(await ask('tools/call', ...QUERY)), /Ada[^]*Bob/);
    const { resources } = await ask('resources/list');
    assert.ok(resources.some(({ uri }) => uri === 'postgres://shop/public/customers'));
    assert.ok((await ask('prompts/list')).prompts.length > 0);
  }));
}

test('over stdio', async (t) => {
  const config = await writeConfig(t, { database: postgres.config });
  await judge(t, ['--', BIN, '--config', config]);
});

test('over HTTP', async (t) => {
  const { url } = await startHttp(t, { database: postgres.config });
  await judge(t, ['--transport', 'http', url]);
});
