// What README.md and docs/ tell people to type works as it stands.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { startPostgres } from './lib/postgres.mjs';
import { makeCertificate, serve } from './lib/serve.mjs';
import { BIN, run, temporaryDirectory } from './lib/server.mjs';

const execute = promisify(execFile);
const postgres = await startPostgres();
const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const blocks = (name, language) =>
  [...read(name).matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, text]) => text);

/** Runs a block of commands in `directory`, where `pgparley` is the program; what it prints. */
const type = async (text, directory, url = '') => {
  const { stdout } = await execute('sh', ['-euc', text.replaceAll('http://127.0.0.1:8765/', new URL('/', url || 'http://x').href)],
    { cwd: directory, env: { ...process.env, PATH: `${path.dirname(BIN)}:${process.env.PATH}` } });
  return stdout;
};

test('README.md: curl, in both eras', async (t) => {
  const server = await serve(t, { database: postgres.config });
  const [commands] = blocks('README.md', 'sh');
  const output = await type(commands, '.', server.url);
  assert.match(output, /"structuredContent":\{"success":true[^]*PostgreSQL \d+/);
  assert.match(output, /^Mcp-Session-Id: \w+\r\n[^]*"protocolVersion":"2025-11-25"/m);
});

for (const name of ['README.md', 'docs/DEPLOYMENT.md', 'docs/QUESTIONS.md']) {
  test(`${name}: every configuration is one`, async (t) => {
    const directory = await temporaryDirectory(t);
    await writeFile(`${directory}/tokens`, 'bob:0123456789abcdef\n', { mode: 0o600 });
    const { certificate, key } = await makeCertificate(directory, 'x');
    await execute('sh', ['-c', `mv ${certificate} ${directory}/fullchain.pem; mv ${key} ${directory}/privkey.pem`]);
    for (const text of blocks(name, 'yaml')) {
      await writeFile(`${directory}/c.yaml`, text, { mode: 0o600 });
      const { code, stderr } = await run(['check', '--offline', '--config', `${directory}/c.yaml`],
        { env: { DB_PASSWORD: 'x', ALICE_TOKEN: 'fedcba9876543210', LLM_API_KEY: 'sk-x' } });
      assert.equal(code, 0, stderr + text);
    }
    blocks(name, 'json').forEach((text) => JSON.parse(text));
  });
}

test('docs/DEPLOYMENT.md: every command', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(`${directory}/pgparley.yaml`, 'mcp: {tokens: {alice: 0123456789abcdef}}');
  const server = await serve(t, { database: postgres.config });
  const [token, health] = blocks('docs/DEPLOYMENT.md', 'sh');
  assert.match(await type(token, directory), /^[0-9a-f]{64}\n[^]*come in those who have a token: alice/);
  assert.equal(await type(health, directory, server.url), 'ok\nthe database answers\n');
});

test('docs/DEPLOYMENT.md: every key in the table of limits is one', async () => {
  const keys = (await run(['help', 'config'])).stdout;
  const table = read('docs/DEPLOYMENT.md').match(/^\| what \|[^]*/m)[0];
  for (const [, key] of table.matchAll(/`(\w+)`/g)) {
    assert.match(keys, new RegExp(`^  ${key}\\s`, 'm'));
  }
});
