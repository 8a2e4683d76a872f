// The program under test as a child process, and a client that speaks raw lines to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onLines } from './lines.mjs';
import { MODERN_META, Transcript } from './protocol.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
export const BIN = path.resolve(repository, process.env.PGPARLEY_BIN ?? 'build/pgparley');
/** The same program without its guard. */
export const UNGUARDED = `${BIN}-unguarded`;
if (!existsSync(BIN)) {
  throw new Error(`no program at ${BIN}; ./dev build makes it`);
}

/** Sanitizers cost time and memory, so limits on those two are wider there. */
export const sanitized = process.env.PGPARLEY_SANITIZED === '1';
export const limit = (value) => (sanitized ? value * 20 : value);

/** What ASan says at the start of every program that has coroutines. */
export const ASAN_NOTE = /^==\d+==WARNING: ASan doesn't fully support makecontext.*\n/m;

export const PATIENCE_MS = limit(10_000);

/** Nothing of the caller's environment that could lead to another database. */
export const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PG|DATABASE_URL)/.test(name)));

/** A database that nobody serves, for tests that must not need one. */
export const NO_DATABASE = { host: '/nonexistent', database: 'none', username: 'nobody' };

export async function temporaryDirectory(t) {
  const directory = await mkdtemp(path.join(tmpdir(), 'pgparley-test-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

/** Writes a configuration (JSON is YAML) and returns its path. */
export async function writeConfig(t, config) {
  const file = path.join(await temporaryDirectory(t), 'pgparley.yaml');
  await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  return file;
}

/** Runs a command of the program to its end. */
export async function run(args, { env = {}, input = '' } = {}) {
  const child = spawn(BIN, args, { env: { ...cleanEnv, ...env } });
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(input);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => { output[name] += text; });
  }
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (...end) => resolve(end));
  });
  return { code, signal, stdout: output.stdout, stderr: output.stderr.replace(ASAN_NOTE, '') };
}

/**
 * Starts a server that ends, and is judged, with the test. Its input is a pipe, or a file with the
 * text `input`, or /dev/null if that is null.
 */
export async function startServer(t, {
  program = BIN, database = NO_DATABASE, args, env = {}, input, ...sections
} = {}) {
  args ??= ['--config', await writeConfig(t, { database, ...sections })];
  let stdin = input === null ? 'ignore' : 'pipe';
  if (input) {
    const file = await open(path.join(await temporaryDirectory(t), 'input'), 'w+');
    t.after(() => file.close());
    await file.write(input, 0);
    stdin = file.fd;
  }
  const child = spawn(program, args, { env: { ...cleanEnv, ...env }, stdio: [stdin, 'pipe', 'pipe'] });
  const server = new Server(child, input ?? '');
  t.after(() => server.finish());
  return server;
}

export class Server {
  stderr = '';
  /** Messages without id: notifications and errors about what could not be read. */
  unaddressed = [];
  #child;
  #transcript = new Transcript();
  #sent = new PassThrough();
  #answers = new Map();
  #lastId = 0;
  #closed;
  #ended;

  constructor(child, input) {
    this.#child = child;
    this.startedAt = performance.now();
    child.stdin?.on('error', () => {}); // EPIPE is seen as an exit
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr = (this.stderr + text).replace(ASAN_NOTE, '');
    });
    onLines(child.stdout, (line) => this.#receive(line));
    onLines(this.#sent, (line) => this.#transcript.sent(line));
    this.#sent.write(`${input}\n`);
    this.exited = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve({ code, signal, at: performance.now() }));
    });
    this.#closed = new Promise((resolve) => child.on('close', (code, signal) => {
      this.#ended = new Error(`the server ended (${signal ?? code}): ${this.stderr}`);
      this.#answers.forEach(({ reject }) => reject(this.#ended));
      resolve({ code, signal });
    }));
  }

  get pid() { return this.#child.pid; }
  get stdout() { return this.#child.stdout; }

  /** Resident memory now, in KiB. */
  residentKiB(field = 'VmRSS') {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(status.match(new RegExp(`^${field}:\\s+(\\d+)`, 'm'))[1]);
  }

  #receive(line) {
    const message = this.#transcript.received(line);
    for (const item of [message].flat()) {
      if (item?.id === undefined) {
        this.unaddressed.push(item);
      }
      this.#slot(item?.method ?? item?.id).resolve({ ...item, line, receivedAt: performance.now() });
    }
  }

  /** Where an answer and the one who waits for it meet, whoever comes first. */
  #slot(id) {
    const key = JSON.stringify(id);
    if (!this.#answers.has(key)) {
      const slot = Promise.withResolvers();
      slot.promise.catch(() => {});
      if (this.#ended) {
        slot.reject(this.#ended);
      }
      this.#answers.set(key, slot);
    }
    return this.#answers.get(key);
  }

  /** The answer to `id` (undefined: an error that names none; a method: a notification). */
  async answer(id) {
    const timer = setTimeout(() => this.#slot(id).reject(
      new Error(`no answer to ${JSON.stringify(id)}; stderr: ${this.stderr}`)), PATIENCE_MS).unref();
    try {
      return await this.#slot(id).promise;
    } finally {
      clearTimeout(timer);
      this.#answers.delete(JSON.stringify(id));
    }
  }

  hasAnswered(id) { return this.#answers.has(JSON.stringify(id)); }

  /** Sends bytes as they are. */
  write(bytes) {
    this.#sent.write(bytes);
    this.#child.stdin.write(bytes);
  }

  send(message) { this.write(`${JSON.stringify(message)}\n`); }

  notify(method, params) { this.send({ jsonrpc: '2.0', method, params }); }

  request(method, params, id = ++this.#lastId) {
    this.send({ jsonrpc: '2.0', id, method, params });
    return this.answer(id);
  }

  initialize(protocolVersion, capabilities = {}) {
    return this.request('initialize', {
      protocolVersion, capabilities, clientInfo: { name: 'test', version: '1' },
    });
  }

  modern(method, params = {}, id = ++this.#lastId) {
    return this.request(method, { ...params, _meta: { ...MODERN_META, ...params._meta } }, id);
  }

  async call(name, args) {
    const { result, error } = await this.modern('tools/call', { name, arguments: args });
    assert.equal(error, undefined, error?.message);
    return result;
  }

  query(query, rest = {}) { return this.call('execute_sql_query', { query, ...rest }); }

  /** Runs a query that must succeed; its structured content. */
  async rows(query, rest) {
    const result = await this.query(query, rest);
    assert.ok(!result.isError, textOf(result));
    return result.structuredContent;
  }

  endInput() { this.#child.stdin?.end(); }
  kill(signal) { this.#child.kill(signal); }

  /** Ends the server and judges the whole conversation. */
  async finish() {
    this.endInput();
    this.stdout.resume();
    const timer = setTimeout(() => this.kill('SIGKILL'), limit(10_000));
    const { code, signal } = await this.#closed;
    clearTimeout(timer);
    assert.notEqual(code, 99, `a sanitizer objects: ${this.stderr}`);
    assert.notEqual(signal, 'SIGKILL', 'the server did not end when its input did');
    assert.deepEqual(this.#transcript.violations, []);
  }
}

export const textOf = (result) => result.content.map((block) => block.text).join('\n');
