// The corpora of attacks and good queries: reading them, replaying them, judging the answers.

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';

const corpus = (name) => readFileSync(new URL(`../corpus/guard/${name}`, import.meta.url), 'utf8');
const linesOf = (name) => corpus(name).split('\n').filter(Boolean).map((line) => JSON.parse(line));

const hashOf = (text) => createHash('md5').update(text).digest('hex');

const attacks = [...linesOf('attacks.jsonl'), ...linesOf('attacks-more.jsonl')];
/** What strict readings of the policy would refuse as well is left to them. */
export const ATTACKS = attacks.filter(({ expect, tier }) => expect === 'deny' && tier !== 'strict');
/** Texts that PostgreSQL and its grammar may read differently, so they are replayed every time. */
export const AMBIGUOUS = attacks.filter(({ expect, category }) =>
  expect === 'bounded' && ['parser_differential', 'encoding'].includes(category));
/** In an order that mixes the kinds: bombs of one kind would wait for the same thing at once. */
export const BOMBS = attacks.filter((line) => line.expect === 'bounded' && !AMBIGUOUS.includes(line))
  .sort((a, b) => hashOf(a.id).localeCompare(hashOf(b.id)));
export const BENIGN = [...linesOf('benign.jsonl'), ...linesOf('benign-more.jsonl')];
/** What only PostgreSQL 17 and its grammar know. */
export const BENIGN_17 = linesOf('benign-17.jsonl');
export const COLUMNS = linesOf('columns.jsonl');
export const TRAPS = linesOf('traps.jsonl');

/** What the blocked columns of COLUMNS hold. */
export const COLUMN_VALUES = /contact\d+@shop\.example|note \d+|\d\d-333-444-\d+/g;

/** The policy that the corpora assume. */
export const POLICY = {
  allowed_schemas: ['public', 'analytics'],
  blocked_tables: ['users', 'passwords', 'api_keys'],
};

const DATABASE = 'guard';
/** A file that only a successful attack writes. */
const PLANTED_FILE = '/tmp/guard_pwned';
/** Every secret of the sample database says so itself, in hexadecimal as well. */
const SECRET = /CANARY\w*|43414e415259[0-9a-f]*|root:x:0/gi;

export async function createGuardDatabase(postgres) {
  rmSync(PLANTED_FILE, { force: true });
  const create = `CREATE DATABASE ${DATABASE} TEMPLATE template0 ENCODING 'UTF8' LOCALE`;
  await postgres.sql(`${create} 'C.UTF-8'`, 'postgres');
  await postgres.sql(corpus('schema.sql'), DATABASE);
  // Nobody reads this log, and the analysis of `server` goes there, too.
  await postgres.sql('ALTER SYSTEM SET log_min_messages = fatal', DATABASE);
  await postgres.sql('SELECT pg_reload_conf()', DATABASE);
}

/** Adds what the queries of COLUMNS or TRAPS need. */
export const addObjects = (postgres, name) => postgres.sql(corpus(name), DATABASE);

/** Defaults of the database that undo whatever the server does not pin in its session. */
export async function makeHostile(postgres) {
  for (const setting of ['standard_conforming_strings = off', 'backslash_quote = on',
    'search_path = private, public', 'row_security = off', 'statement_timeout = 0',
    'lock_timeout = 0', 'idle_in_transaction_session_timeout = 0',
    'default_transaction_read_only = off', 'array_nulls = off', 'client_min_messages = debug1']) {
    await postgres.sql(`ALTER DATABASE ${DATABASE} SET ${setting}`, 'postgres');
  }
}

/** The `database:` section for one of the roles postgres, guard_owner and guard_reader. */
export const guardDatabase = (postgres, role, rest) =>
  ({ ...postgres.config, database: DATABASE, username: role, ...rest });

/** What a line means as text, or as bytes if it is not UTF-8. */
async function statementOf(line, postgres) {
  if (line.sql_b64) {
    return Buffer.from(line.sql_b64, 'base64');
  }
  if (line.sql_parts) {
    return line.sql_parts.map(([text, count]) => text.repeat(count)).join('');
  }
  let sql = line.sql;
  for (const [name, query] of Object.entries(line.vars ?? {})) {
    sql = sql.replaceAll(`\${${name}}`, await postgres.sql(query, DATABASE));
  }
  return sql;
}

const requestFor = (query, id) => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call',
  params: { name: 'execute_sql_query', arguments: { query } } });

/** A request with a query of any bytes, which JSON.stringify() cannot write. */
function requestForBytes(query, id) {
  const [head, tail] = requestFor('|', id).split('|');
  const escaped = query.toString('latin1')
    .replace(/["\\]|[\0-\x1f]/g, (c) => JSON.stringify(c).slice(1, -1));
  return Buffer.from(`${head}${escaped}${tail}`, 'latin1');
}

/** Lines that the server does not read, for their length or their bytes: the error names no call. */
async function callUnreadable(server, query) {
  const request = typeof query === 'string' ? requestFor : requestForBytes;
  const before = server.unaddressed.length;
  server.write(request(query, 'unreadable'));
  server.write('\n');
  await server.modern('tools/list');
  const message = server.unaddressed[before] ?? await server.answer('unreadable');
  return { ...message, line: JSON.stringify(message) };
}

async function call(server, sql) {
  const message = typeof sql === 'string' && sql.length < 4_000_000
    ? await server.modern('tools/call', { name: 'execute_sql_query', arguments: { query: sql } })
    : await callUnreadable(server, sql);
  return {
    refused: message.error !== undefined || message.result.isError === true,
    content: message.result?.structuredContent,
    line: message.line,
  };
}

function secretsIn(answer, sql, pattern = SECRET) {
  const asked = sql.toString('latin1').toLowerCase();
  return answer.line.match(pattern)?.filter((word) => !asked.includes(word.toLowerCase())) ?? [];
}

const chunksOf = (items, size) =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** Everything that the attacks try to change, as it is now. */
class Effects {
  #postgres;
  #values = new Map();

  constructor(postgres) { this.#postgres = postgres; }

  async remember(lines) {
    for (const { effect_check: check } of lines) {
      if (check && !this.#values.has(check)) {
        this.#values.set(check, await this.#postgres.sql(check, DATABASE));
      }
    }
  }

  /** The lines that may have changed something; each change is told once. */
  async changedBy(lines) {
    const suspects = [];
    for (const check of new Set(lines.map((line) => line.effect_check).filter(Boolean))) {
      const value = await this.#postgres.sql(check, DATABASE);
      if (value !== this.#values.get(check)) {
        suspects.push(`one of ${lines.filter((line) => line.effect_check === check)
          .map(({ id }) => id).join(', ')} changed ${this.#values.get(check)} to ${value}`);
        this.#values.set(check, value);
      }
    }
    return suspects;
  }
}

/** What speaks against the answer to an attack, in one text or in none. */
async function judgeAttack(server, postgres, line, secrets) {
  const told = (what) => [`${line.id} ${what}: ${line.sql.slice(0, 200)}`];
  try {
    const sql = await statementOf(line, postgres);
    const answer = await call(server, sql);
    const found = secretsIn(answer, sql, secrets);
    if (found.length > 0) {
      return told(`tells ${[...new Set(found)]}`);
    }
    return line.expect === 'deny' && !answer.refused ? told('was answered') : [];
  } catch (error) {
    return told(error.message);
  }
}

/** Replays attacks, many at a time; what got through, in words. */
export async function replayAttacks(server, postgres, lines, secrets) {
  const findings = [];
  const effects = new Effects(postgres);
  await effects.remember(lines);
  for (const chunk of chunksOf(lines, 48)) {
    await Promise.all(chunk.map(async (line) => {
      findings.push(...await judgeAttack(server, postgres, line, secrets));
    }));
    findings.push(...await effects.changedBy(chunk));
    await server.rows('SELECT 1');
  }
  return findings;
}

/** Replays good queries; those refused, with their answers, and those whose rows are not right. */
export async function replayBenign(server, lines, role, { digests = true } = {}) {
  const refused = [];
  const wrong = [];
  for (const chunk of chunksOf(lines, 48)) {
    await Promise.all(chunk.map(async (line) => {
      const answer = await call(server, line.sql);
      const expected = line.by_role?.[role] ?? line;
      if (answer.refused) {
        refused.push({ id: line.id, sql: line.sql, error: answer.content?.error });
      } else if (typeof expected.rows === 'number' && answer.content.row_count !== expected.rows) {
        wrong.push(`${line.id}: ${answer.content.row_count} rows, not ${expected.rows}`);
      } else if (digests && expected.md5 && digestOf(answer) !== expected.md5) {
        wrong.push(`${line.id}: other content: ${line.sql.slice(0, 200)}`);
      }
    }));
  }
  return { refused, wrong };
}

/** Replays bombs, a few at a time: each must be answered within `withinMs`. */
export async function replayBombs(server, postgres, lines, { withinMs, maxRows, atOnce }) {
  const findings = [];
  const effects = new Effects(postgres);
  await effects.remember(lines);
  const queue = [...lines];
  let slowestMs = 0;
  const worker = async () => {
    for (let line; (line = queue.shift());) {
      const sql = await statementOf(line, postgres);
      const startedAt = performance.now();
      const answer = await call(server, sql).catch((error) => error);
      const tookMs = performance.now() - startedAt;
      slowestMs = Math.max(slowestMs, tookMs);
      if (answer instanceof Error || tookMs > withinMs) {
        findings.push(`${line.id} took ${Math.round(tookMs)} ms: ${line.sql.slice(0, 200)}`);
      } else {
        if (/ignored their cancellation/.test(answer.line)) {
          findings.push(`${line.id} was not tried: ${answer.content.error.message}`);
        }
        if (line.row_cap && !answer.refused && answer.content.row_count > maxRows) {
          findings.push(`${line.id} returned ${answer.content.row_count} rows`);
        }
        findings.push(...secretsIn(answer, sql).map((secret) => `${line.id} tells ${secret}`));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  findings.push(...await effects.changedBy(lines));
  return { findings, slowestMs };
}

/** The cells of a result as the server wrote them: JSON keeps its text, numbers keep their digits. */
function cellsOf(line) {
  const start = '"rows":[';
  const token = /"(?:[^"\\]|\\.)*"|[[\]{},]|[^"[\]{},]+/y;
  token.lastIndex = line.indexOf(start, line.indexOf('"structuredContent"')) + start.length;
  const rows = [];
  for (let depth = 1, row, cell; depth > 0;) {
    const [text] = token.exec(line);
    const opens = text === '[' || text === '{';
    const closes = text === ']' || text === '}';
    if (depth === 1 && opens) {
      rows.push(row = []);
      cell = '';
    } else if (depth === 2 && (text === ',' || closes)) {
      if (cell) {
        row.push(cell);
      }
      cell = '';
    } else if (depth > 1) {
      cell += text;
    }
    depth += opens - closes;
  }
  return rows;
}

/** A cell as a field of CSV; null is empty. */
function fieldOf(cell, { type }, isOnly) {
  if (cell === 'null') {
    return '';
  }
  let text = cell;
  if (cell.startsWith('"')) {
    text = JSON.parse(cell);
  } else if (type === 'boolean') {
    text = cell[0];
  }
  const quoted = text === '' || /[,"\n\r]/.test(text) || (isOnly && text === '\\.');
  return quoted ? `"${text.replaceAll('"', '""')}"` : text;
}

/** md5 of the rows as sorted lines of CSV. */
function digestOf({ content, line }) {
  const csv = cellsOf(line).map((row) => Buffer.from(row.map((cell, i) =>
    fieldOf(cell, content.columns[i], row.length === 1)).join(',')));
  const text = csv.sort(Buffer.compare).map((bytes) => bytes.toString()).join('\n');
  return createHash('md5').update(text).digest('hex');
}
