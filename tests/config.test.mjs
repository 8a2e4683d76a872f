// The command line and the configuration: what is wrong is named, with its place and its cure.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './lib/postgres.mjs';
import { run, startServer, writeConfig } from './lib/server.mjs';

const tutorial = fileURLToPath(new URL('fixtures/tutorial-config.yaml', import.meta.url));
const secrets = { DB_PASSWORD: 'hunter2', HOLYSHEEP_API_KEY: 'sk-hunter2' };

const check = async (t, text, env) => {
  const file = await writeConfig(t, text);
  const result = await run(['check', '--offline', '--config', file], { env });
  return { ...result, output: result.stdout + result.stderr, file };
};

test('the tutorial’s configuration loads as it stands, and is explained', async () => {
  const { stdout, stderr } = await run(['check', '--offline', '--config', tutorial], { env: secrets });
  for (const part of ['your-postgres-host.example.com', '5432', 'production_db', 'mcp_service_account',
    'gpt-4.1', 'analytics', 'api_keys']) {
    assert.ok(stdout.includes(part), `${part} is missing in: ${stdout}${stderr}`);
  }
  assert.doesNotMatch(stdout + stderr, /hunter2/);
});

test('the tutorial’s configuration starts a server', async (t) => {
  const server = await startServer(t, { args: ['--config', tutorial], env: secrets });
  assert.ok((await server.initialize('2025-11-25')).result);
});

test('a configuration that holds is no error', async (t) => {
  const { code, output } = await check(t, { database: { database: 'shop' } });
  assert.equal(code, 0, output);
  assert.match(output, /shop/);
});

test('an unset environment variable names file, line and key', async (t) => {
  const { code, stderr } = await run(['check', '--offline', '--config', tutorial], { env: { HOLYSHEEP_API_KEY: 'x' } });
  assert.equal(code, 2);
  assert.match(stderr, /tutorial-config\.yaml:7\b/);
  assert.match(stderr, /DB_PASSWORD/);
  assert.match(stderr, /password/);
  const server = await run(['--config', tutorial], { env: {} });
  assert.equal(server.code, 2);
  assert.equal(server.stdout, '');
});

test('${NAME:-default} is used when the variable is not set', async (t) => {
  const text = 'database:\n  host: "${PGP_HOST:-fallback.example}"\n  database: x\n';
  assert.match((await check(t, text)).output, /fallback\.example/);
  assert.match((await check(t, text, { PGP_HOST: 'given.example' })).output, /given\.example/);
});

// What is wrong, the file, the line, and what the message must contain.
for (const [what, text, line, patterns] of [
  ['an unknown key', 'database:\n  host: x\n  databse: y\n', 3, [/databse/, /\bdatabase\b/]],
  ['an unknown section', 'databases:\n  host: x\n', 1, [/databases/, /\bdatabase\b/]],
  ['a key in the wrong section', 'database:\n  max_rows_returned: 5\n', 2, [/max_rows_returned/]],
  ['a word for a number', 'database:\n  pool_size: many\n', 2, [/pool_size/, /many/]],
  ['a number out of range', 'database:\n  port: 70000\n', 2, [/port/, /65535/]],
  ['a negative number', 'database:\n  host: x\n  pool_timeout: -1\n', 3, [/pool_timeout/]],
  ['a word that is not in the list', 'database:\n  pooler: session\n', 2, [/pooler/, /transaction/]],
  ['a list for a word', 'database:\n  host: [a, b]\n', 2, [/host/]],
  ['a word for a section', 'database: x\n', 1, [/database/]],
  ['a key twice', 'database:\n  host: a\n  host: b\n', 3, [/host/]],
  ['no YAML', 'database:\n  host: "x" y\n', 2, [/YAML/]],
  ['a tab for blanks', 'database:\n\thost: x\n', 2, []],
]) {
  test(`${what} is an error with file, line and cure`, async (t) => {
    const { code, stderr, file } = await check(t, text);
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes(`${file}:${line}`), stderr);
    patterns.forEach((pattern) => assert.match(stderr, pattern));
  });
}

test('a file that is not there', async () => {
  const { code, stderr } = await run(['check', '--config', '/nonexistent/x.yaml']);
  assert.equal(code, 2);
  assert.match(stderr, /\/nonexistent\/x\.yaml/);
});

for (const args of [['--help'], ['help'], ['help', 'serve'], ['help', 'check'], ['help', 'grants'], ['help', 'demo'], ['serve', '--help']]) {
  test(`pgparley ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 0);
    assert.match(stdout, /pgparley/);
    assert.ok(stdout.length > 100);
    assert.equal(stderr, '');
  });
}

test('the help names every command and option', async () => {
  const { stdout } = await run(['--help']);
  for (const word of ['serve', 'check', 'grants', 'demo', '--config', '--stdio', '--http', '--version']) {
    assert.ok(stdout.includes(word), word);
  }
});

test('--version', async () => {
  const { code, stdout } = await run(['--version']);
  assert.equal(code, 0);
  assert.match(stdout, /^pgparley \d+\.\d+\.\d+\n$/);
});

for (const [args, pattern] of [
  [['--nope'], /--nope/],
  [['--confg', 'x'], /--config/],
  [['chekc'], /check/],
  [['help', 'nope'], /nope/],
  [['--config'], /--config/],
  [['--stdio', '--http'], /exclude each other/],
  [['--http', 'localhost:70000'], /ADDR:PORT/],
  [['--http', 'unix:relative'], /absolute path/],
  [['--http', '0.0.0.0:8765'], /everybody[^]*mcp\.tokens/],
  [['postgresql:///one', 'two'], /two/],
]) {
  test(`pgparley ${args.join(' ')} is a usage error`, async () => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 2);
    assert.match(stderr, pattern);
    assert.equal(stdout, '');
  });
}

for (const args of [['mysql://u:hunter2@h/x'], ['help', 'postgres://u:hunter2@h/x'],
  ['postgres://h/x', 'postgres://u:hunter2@h/x'], ['check', 'postgresql://u:hunter2@x@h/x']]) {
  test(`a mistake does not show the password: ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 2);
    assert.doesNotMatch(stdout + stderr, /hunter2/);
  });
}

test('names in the policy are read as SQL reads them', async (t) => {
  for (const [key, entry, cure] of [['blocked_tables', 'a.b.c', /schema\.name/],
    ['blocked_tables', 'two words', /schema\.name/], ['allowed_tables', '"open', /schema\.name/],
    ['allowed_views', '', /schema\.name|empty/], ['allowed_functions', 'f()', /schema\.name/],
    ['allowed_schemas', 'a.b', /name of a schema/], ['blocked_columns', 'email', /table\.column/]]) {
    const { code, stderr } = await check(t, { security: { [key]: [entry] } });
    assert.equal(code, 2, `${key}: ${entry}`);
    assert.ok(stderr.includes(key) && stderr.includes(entry), stderr);
    assert.match(stderr, cure);
  }
  const { code, output } = await check(t, { security: {
    allowed_schemas: ['sales_*'], allowed_tables: ['*.t', '"Users"'], blocked_columns: ['*.secret', 'a.b.c_*'],
  } });
  assert.equal(code, 0, output);
  const postgres = await startPostgres();
  await postgres.sql('CREATE SCHEMA app; CREATE TABLE "Odd.Name" (); CREATE TABLE app."T" (); CREATE TABLE app.t ()');
  await postgres.sql('CREATE TABLE log_2025 (); CREATE TABLE "*" ()');
  const server = await startServer(t, { database: postgres.config, security: {
    blocked_tables: ['Users', '"Odd.Name"', 'app."T"', 'log_*', '"*"'],
  } });
  for (const table of ['users', 'USERS', '"Odd.Name"', 'app."T"', 'log_2025', '"*"']) {
    assert.match((await server.query(`SELECT * FROM ${table}`)).content[0].text, /is not shown here/);
  }
  await server.rows('SELECT * FROM app.t, gate');
});

test('the search path follows the schemas that are named', async (t) => {
  const postgres = await startPostgres();
  for (const [security, path, rest] of [
    [{}, /^"\$user", public, pg_temp$/],
    [{ allowed_schemas: ['analytics', 'public'] }, /^"analytics", "public", pg_temp$/],
    [{ allowed_schemas: ['analytics', 'pub*'] }, /^"analytics", "public", pg_temp$/],
    [{ allowed_schemas: ['*', 'hidden'] }, /^"hidden", "public", pg_temp$/],
    [{ allowed_schemas: ['a*'] }, /^pg_temp$/],
    [{ allowed_schemas: [] }, /^pg_temp$/],
    [{ allowed_schemas: ['a*'] }, /^"hidden", pg_temp$/, { search_path: ['hidden'] }],
  ]) {
    const server = await startServer(t, { database: { ...postgres.config, ...rest }, security });
    const { rows } = await server.rows("SELECT current_setting('search_path')");
    assert.match(rows[0][0], path);
  }
});
