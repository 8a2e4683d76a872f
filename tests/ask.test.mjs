// `pgparley ask` and `pgparley eval`: questions on the terminal, with a scripted model.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { fails, startFakeModel } from './lib/fake-model.mjs';
import { evaluateGold } from './lib/gold-eval.mjs';
import { SETS } from './lib/gold.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { BIN, run, temporaryDirectory, writeConfig } from './lib/server.mjs';

const postgres = await startPostgres();
const sql = (text, rest = {}) => ({
  verdict: 'sql', sql: text, reading: 'the customers\u001b[31m', assumptions: ['all of them'], tables: [],
  question: '', options: [], reason: '', ...rest,
});
const GOOD = sql('SELECT id, name FROM customers ORDER BY id');

async function configure(t, script, llm = {}) {
  const model = await startFakeModel(t, script);
  const file = await writeConfig(t, { database: postgres.config, llm: { ...model.llm, retries: 0, ...llm } });
  return { model, file, ask: (...args) => run(['ask', '--config', file, ...args]) };
}

test('rows to standard output, all else to standard error', async (t) => {
  const { ask } = await configure(t, [GOOD]);
  const { code, stdout, stderr } = await ask('Who are our customers?');
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'id\tname\n1\tAda\n2\tBob\n');
  assert.match(stderr, /^Reading: +the customers \[31m\nAssuming: +all of them\nSQL:\nSELECT id, name/);
  assert.match(stderr, /\(2 rows\)\n\nConfidence: +high\nBecause: /);
  assert.match(stderr, /Effort: +1 round, 100 \+ 20 tokens/);
  assert.doesNotMatch(stderr, /\u001b/);
});

test('nothing of the model or the database steers the terminal', async (t) => {
  const evil = '\u001b[2J\u009b2J\u202e';
  for (const answer of [sql(`SELECT 1 AS "x${evil}"`, { reading: evil }), sql(`SELECT nope AS "x${evil}"`),
    sql(`SELECT lo_unlink(5) AS "x${evil}"`), sql(`SELECT "f${evil}"()`), evil]) {
    const { file } = await configure(t, [answer]);
    const { stdout } = await promisify(execFile)('script',
      ['-qec', `${BIN} ask --config ${file} 'Who?' || true`, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } });
    assert.match(stdout, /asking the model/);
    assert.doesNotMatch(stdout.replaceAll('\u001b[K', ''), /[\u0000-\u0008\u000e-\u001f\u0080-\u009f\u202e]/);
  }
});

test('on a terminal: a table', async (t) => {
  const { file } = await configure(t, [GOOD]);
  const { stdout } = await promisify(execFile)('script',
    ['-qec', `${BIN} ask --config ${file} 'Who are our customers?'`, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } });
  assert.match(stdout, /asking the model …/);
  assert.match(stdout, /id {2}name\r\n── {2}────\r\n1 {3}Ada\r\n2 {3}Bob\r\n/);
});

test('--dry-run: the SQL, not run', async (t) => {
  const { ask } = await configure(t, [sql('SELECT 1 / (id - id) AS x FROM customers')]);
  const { code, stdout, stderr } = await ask('--dry-run', 'Boom?');
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'SELECT 1 / (id - id) AS x FROM customers\n');
  assert.match(stderr, /Plan: +cost \d+/);
});

test('exit codes', async (t) => {
  const clarify = await configure(t, [sql('', { verdict: 'clarify', question: 'Which ones?', options: ['a', 'b'] })]);
  const asked = await clarify.ask('Who?');
  assert.equal(asked.code, 4);
  assert.match(asked.stderr, /Question: +Which ones\?\nAnswers: +a\n +b\nAsk again/);
  const cannot = await configure(t, [sql('', { verdict: 'cannot', reason: 'no prices' })]);
  assert.equal((await cannot.ask('Who?')).code, 4);
  const wrong = await configure(t, [sql('SELECT nope')]);
  const failed = await wrong.ask('Who?');
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /error: the model found no query that can run, in 2 rounds/);
  assert.equal((await (await configure(t, [fails(401, 'no')])).ask('Who?')).code, 1);
  assert.equal((await clarify.ask()).code, 2);
  const without = await writeConfig(t, { database: postgres.config });
  const unset = await run(['ask', '--config', without, 'Who?']);
  assert.equal(unset.code, 2);
  assert.match(unset.stderr, /there is no model to ask[^]*llm\.base_url/);
});

const GOLD = [
  { id: 'one', question: 'How many customers?', sql: 'SELECT count(*) FROM customers', ordered: false },
  { id: 'two', question: 'Names from the last', sql: 'SELECT name FROM customers ORDER BY id DESC', ordered: true },
  { id: 'three', question: 'Names in any order', sql: 'SELECT name FROM customers', ordered: false },
  { id: 'four', question: 'Balances', sql: 'SELECT balance FROM customers', ordered: false },
  { id: 'five', question: 'Nothing', sql: 'SELECT nope FROM customers', ordered: false },
];

async function goldFile(t, lines) {
  const file = path.join(await temporaryDirectory(t), 'gold.jsonl');
  await writeFile(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return file;
}

test('eval: the loop and one shot side by side', async (t) => {
  // The first try is wrong for "one": only the loop hears of it.
  const answers = {
    'How many customers?': ({ messages }) => (messages.length > 2
      ? GOLD[0].sql : 'SELECT count(nope) FROM customers'),
    'Names from the last': () => 'SELECT name FROM customers ORDER BY id', // the wrong order
    'Names in any order': () => 'SELECT name AS n FROM customers ORDER BY name DESC',
    'Balances': () => 'SELECT round(balance, 4) FROM customers',
  };
  const { file } = await configure(t, (body) => {
    const text = body.messages[1].content;
    const [, answer] = Object.entries(answers).find(([question]) => text.includes(question));
    return body.messages[0].content.includes('expert') ? `\`\`\`sql\n${answer(body)}\n\`\`\`` : sql(answer(body));
  });
  const { code, stdout, stderr } = await run(['eval', '--config', file, await goldFile(t, GOLD)]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^1\/5 one: right \(\d+\.\d s\), one shot does not run \(\d+\.\d s\): How many customers\?\n/);
  assert.match(stderr, new RegExp(`\nNot right\n${[
    'one, one shot: column "nope" does not exist', 'two, pgparley: the right rows in another order',
    'two, one shot: the right rows in another order'].map((line) => `  ${line}\n`).join('')}$`));
  assert.match(stderr, /five is left out: its SQL does not run/);
  const lines = Object.fromEntries(stdout.trimEnd().split('\n').map((line) => line.split(/\t(.*)/)));
  assert.equal(lines['right rows'], '75.0 % (3 of 4)\t50.0 % (2 of 4)');
  assert.equal(lines['SQL that runs'], '100.0 % (4 of 4)\t75.0 % (3 of 4)');
  assert.equal(lines['rounds, mean'], '1.2\t1.0');
  assert.equal(lines['prompt tokens, mean'], '125.0\t100.0');
  assert.match(lines['seconds, p50 and max'], /^\d+\.\d\d, \d+\.\d\d\t\d+\.\d\d, \d+\.\d\d$/);
});

test('eval: why an answer was not right', async (t) => {
  const reasons = [
    [sql('SELECT 3'), '1 row as expected, with other values'],
    [sql('SELECT name FROM customers'), '2 rows instead of 1'],
    [sql('SELECT 2, 2'), '2 columns instead of 1'],
    [sql('SELECT 1/0'), 'division by zero'],
    ['hm', 'the model found no query that can run, in 2 rounds: the answer is neither the JSON object nor a query'],
    [sql('', { verdict: 'clarify', question: 'Which?' }), 'it asks: Which?'],
    [sql('', { verdict: 'cannot', reason: 'no data' }), 'it cannot: no data'],
    [fails(401, 'no'), /^the model service at \S+ does not let us in/],
  ];
  for (const [answer, reason] of reasons) {
    const { file } = await configure(t, [answer]);
    const { stderr } = await run(['eval', '--config', file, await goldFile(t, [GOLD[0]])]);
    const [, said] = /^ {2}one, pgparley: (.*)$/m.exec(stderr) ?? assert.fail(stderr);
    if (reason instanceof RegExp) assert.match(said, reason);
    else assert.equal(said.replace(/^the model found.*: (?=division)/, ''), reason);
  }
});

test('eval: on a terminal, what is being done', async (t) => {
  const { file } = await configure(t, [GOOD]);
  const { stdout } = await promisify(execFile)('script',
    ['-qec', `${BIN} eval --config ${file} ${await goldFile(t, GOLD.slice(0, 1))}`, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } });
  assert.match(stdout, /\r\u001b\[K1\/1 one: asking …\r\u001b\[K1\/1 one: asking for one shot …\r\u001b\[K1\/1 one: wrong/);
});

test('eval: --limit, and what cannot be used', async (t) => {
  const { file } = await configure(t, [GOOD]);
  const evaluate = async (lines, ...args) => run(['eval', '--config', file, ...args, await goldFile(t, lines)]);
  const limited = await evaluate(GOLD, '--limit', '1');
  assert.equal(limited.code, 0, limited.stderr);
  assert.match(limited.stdout, /of 1\)/);
  for (const [lines, args, said] of [
    [GOLD, ['--limit', 'x'], /--limit wants a number/],
    [['{"question": 1}'], [], /gold\.jsonl:1: "question" or "sql" is missing/],
    [['', '{'], [], /gold\.jsonl:2: /],
    [[], [], /no questions/],
  ]) {
    const { code, stderr } = await evaluate(lines, ...args);
    assert.equal(code, 2);
    assert.match(stderr, said);
  }
  assert.equal((await run(['eval', '--config', file, '/nonexistent'])).code, 2);
});

test('eval ends when there is no model', async (t) => {
  const { file, model } = await configure(t, [fails(401, 'no')]);
  const { code, stderr } = await run(['eval', '--config', file, await goldFile(t, Array(9).fill(GOLD[0]))]);
  assert.equal(code, 1);
  assert.equal(model.requests.length, 3);
  assert.match(stderr, /key/);
});

for (const name of Object.keys(SETS)) {
  test(`gold questions, ${name}: right SQL is not doubted`, async (t) => {
    const figures = await evaluateGold(t, postgres, name);
    assert.match(figures['right rows'], /^100\.0 %/);
    assert.equal(figures['rounds, mean'], '1.0');
    t.diagnostic(`figure: own ms for a question, p50 and p95, ${name}: ${figures['own ms, p50 and p95']}`);
  });
}
