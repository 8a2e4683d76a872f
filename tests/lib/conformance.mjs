// The official conformance suite, and the server of the fixtures that its scenarios need.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpServer } from './http.mjs';
import { BIN, limit, temporaryDirectory } from './server.mjs';

const FIXTURES = path.join(path.dirname(BIN), 'mcp-fixtures');
const SUITE = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url));

/** Starts the fixtures on HTTP; they end with the test. */
export async function startFixtures(t) {
  const child = spawn(FIXTURES, ['--http', '127.0.0.1:0'], { stdio: ['ignore', 'inherit', 'pipe'] });
  const server = new HttpServer(child);
  t.after(() => server.finish());
  await server.listening;
  return server;
}

function run(args) {
  const child = spawn(process.execPath, [SUITE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text; });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout }));
  });
}

/** One scenario, as the suite left it in a directory of its own. */
function readScenario(directory, entry) {
  const [, name] = entry.match(/^server-(.*)-\d{4}-\d\d-\d\dT[\d-]+Z$/);
  const checks = JSON.parse(readFileSync(path.join(directory, entry, 'checks.json')));
  const having = (...states) => checks.filter(({ status }) => states.includes(status));
  return {
    name,
    passed: having('SUCCESS').length > 0 && having('FAILURE').length === 0,
    objections: having('FAILURE', 'WARNING').map(({ id, errorMessage }) => ({ name, id, errorMessage })),
  };
}

/**
 * Runs what a revision requires and what the suite adds without scoring it. With a baseline all
 * counts as scored, and the exit code also tells of entries that are out of date.
 */
export async function runSuite(t, url, revision, { baseline } = {}) {
  const directory = await temporaryDirectory(t);
  const { code, stdout } = await run(['server', '--url', url, '--requirements', revision,
    '--output-dir', directory, '--timeout', `${limit(30_000)}`,
    ...(baseline ? ['--expected-failures', baseline] : [])]);
  const unscored = new Set([...stdout.matchAll(/^ {2}[✓✗] (\S+) \(/gm)].map(([, name]) => name));
  const scenarios = readdirSync(directory).map((entry) => readScenario(directory, entry));
  return {
    code,
    summary: stdout.replace(/^.*=== SUMMARY ===/s, ''),
    scored: scenarios.filter(({ name }) => !unscored.has(name)),
    unscored: scenarios.filter(({ name }) => unscored.has(name)),
  };
}
