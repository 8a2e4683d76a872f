// `pgparley serve --http` as a child process, and clients of both eras that speak plain HTTP to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { onLines } from './lines.mjs';
import { MODERN, MODERN_META, Transcript } from './protocol.mjs';
import { ASAN_NOTE, BIN, cleanEnv, limit, NO_DATABASE, PATIENCE_MS, writeConfig } from './server.mjs';

export const BOTH = 'application/json, text/event-stream';

/** Starts a server on a free port of loopback (or where `listen` says) that ends with the test. */
export async function startHttp(t, { database = NO_DATABASE, listen = '127.0.0.1:0', env = {}, ...sections } = {}) {
  const config = await writeConfig(t, { database, ...sections });
  const child = spawn(BIN, ['serve', '--http', listen, '--config', config],
    { env: { ...cleanEnv, ...env }, stdio: ['ignore', 'inherit', 'pipe'] });
  const server = new HttpServer(child);
  t.after(() => server.finish());
  await server.listening;
  return server;
}

export class HttpServer {
  stderr = '';
  #child;

  constructor(child) {
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers();
    this.listening = promise;
    onLines(child.stderr, (line) => {
      this.stderr = `${this.stderr}${line}\n`.replace(ASAN_NOTE, '');
      const url = line.match(/listening on (\S+)/)?.[1];
      if (url?.startsWith('http')) {
        this.url = url;
        this.port = Number(new URL(url).port);
      }
      if (url) {
        resolve();
      }
    });
    this.exited = new Promise((done) => child.on('close', (code, signal) => {
      reject(new Error(`the server ended (${signal ?? code}): ${this.stderr}`));
      done({ code, signal, at: performance.now() });
    }));
  }

  get pid() { return this.#child.pid; }
  kill(signal) { this.#child.kill(signal); }

  residentKiB(field = 'VmRSS') {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(status.match(new RegExp(`^${field}:\\s+(\\d+)`, 'm'))[1]);
  }

  descriptors() { return readdirSync(`/proc/${this.pid}/fd`).length; }

  /** Sends a body as it is, or an object as JSON. */
  post(body, { headers = {}, signal } = {}) {
    return fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept': BOTH, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal,
    });
  }

  /** What a client of 2026-07-28 sends. */
  sendModern(method, params = {}, { id = 1, headers = {}, meta = {}, signal } = {}) {
    const name = method === 'resources/read' ? params.uri : params.name;
    return this.post(
      { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...MODERN_META, ...meta } } },
      { headers: {
        'mcp-protocol-version': MODERN, 'mcp-method': method, ...(name && { 'mcp-name': name }), ...headers,
      }, signal });
  }

  async modern(method, params, options) {
    const transcript = new Transcript();
    transcript.sent(JSON.stringify({ id: options?.id ?? 1, method, params: { _meta: MODERN_META } }));
    return readAnswer(await this.sendModern(method, params, options), transcript);
  }

  query(query, options) {
    return this.modern('tools/call', { name: 'execute_sql_query', arguments: { query } }, options);
  }

  sendQuery(query, options) {
    return this.sendModern('tools/call', { name: 'execute_sql_query', arguments: { query } }, options);
  }

  /** The handshake of an earlier revision. */
  async initialize(protocolVersion = '2025-11-25', { capabilities = {}, headers = {} } = {}) {
    const session = new Session(this, headers);
    await session.begin(protocolVersion, capabilities);
    return session;
  }

  /** Everything that comes back for these bytes until the server closes the connection. */
  raw(bytes) {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes));
      socket.setEncoding('utf8').on('data', (part) => { text += part; })
        .on('error', reject).on('close', () => resolve(text));
      socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`still open after ${text}`)));
    });
  }

  async finish() {
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), limit(10_000));
    const { code, signal } = await this.exited;
    clearTimeout(timer);
    assert.notEqual(code, 99, `a sanitizer objects: ${this.stderr}`);
    assert.equal(signal ?? code, 0, `the server did not end well: ${this.stderr}`);
  }
}

export class Session {
  #server;
  #transcript = new Transcript();
  #lastId = 0;

  constructor(server, headers) {
    this.#server = server;
    this.headers = headers;
  }

  async begin(protocolVersion, capabilities) {
    const { status, headers, message } = await this.request('initialize', {
      protocolVersion, capabilities, clientInfo: { name: 'test', version: '1' },
    });
    assert.equal(status, 200, JSON.stringify(message));
    this.id = headers.get('mcp-session-id');
    this.version = message.result.protocolVersion;
    this.headers = { ...this.headers, 'mcp-session-id': this.id, 'mcp-protocol-version': this.version };
    assert.equal((await this.notify('notifications/initialized')).status, 202);
  }

  send(message, { headers, ...options } = {}) {
    this.#transcript.sent(JSON.stringify(message));
    return this.#server.post(message, { headers: { ...this.headers, ...headers }, ...options });
  }

  notify(method, params) { return this.send({ jsonrpc: '2.0', method, params }); }

  sendRequest(method, params, { id = ++this.#lastId, ...options } = {}) {
    return this.send({ jsonrpc: '2.0', id, method, params }, options);
  }

  async request(method, params, options) {
    return readAnswer(await this.sendRequest(method, params, options), this.#transcript);
  }

  sendQuery(query, options) {
    return this.sendRequest('tools/call', { name: 'execute_sql_query', arguments: { query } }, options);
  }

  query(query, options) {
    return this.request('tools/call', { name: 'execute_sql_query', arguments: { query } }, options);
  }

  fetch(method, { headers, signal } = {}) {
    return fetch(this.#server.url, { method, headers: { ...this.headers, ...headers }, signal });
  }

  openStream(options) {
    return this.fetch('GET', { ...options, headers: { accept: 'text/event-stream', ...options?.headers } });
  }

  delete() { return this.fetch('DELETE'); }
}

/** The parts of an event stream: `{ comment }`, or `{ event, message }`. */
export async function* eventsOf(response) {
  let text = '';
  for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
    text += bytes;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      yield parseEvent(text.slice(0, end));
    }
  }
  assert.equal(text, '', 'the stream ends within an event');
}

function parseEvent(text) {
  if (text.startsWith(':')) {
    return { comment: text.slice(1).trim() };
  }
  const [event, data, ...more] = text.split('\n');
  assert.deepEqual(more, [], text);
  assert.equal(event, 'event: message');
  assert.ok(data.startsWith('data: '), text);
  return { event: 'message', message: JSON.parse(data.slice(6)), line: data.slice(6) };
}

/** The answer to a request, whatever its form; `messages` came before it. */
export async function readAnswer(response, transcript = new Transcript()) {
  const { status, headers } = response;
  const messages = [];
  if (headers.get('content-type') === 'text/event-stream') {
    for await (const { message, line } of eventsOf(response)) {
      if (message) {
        transcript.received(line);
        messages.push(message);
      }
    }
  } else {
    const text = await response.text();
    if (headers.get('content-type') === 'application/json') {
      transcript.received(text);
      messages.push(JSON.parse(text));
    }
  }
  assert.deepEqual(transcript.violations, []);
  const message = messages.pop();
  return { status, headers, message, result: message?.result, error: message?.error, messages };
}

/** One connection that sends whole requests as bytes and reads answers of a known length. */
export class Connection {
  #text = '';
  #waiting;

  static open(server) {
    return new Promise((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.on('error', reject);
    });
  }

  constructor(socket) {
    this.socket = socket;
    socket.setEncoding('latin1').setNoDelay();
    socket.on('data', (text) => this.#take(text));
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')));
  }

  #take(text) {
    this.#text += text;
    const head = this.#text.indexOf('\r\n\r\n');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1] ?? 0);
    if (head >= 0 && this.#text.length >= head + 4 + length) {
      const answer = this.#text;
      this.#text = '';
      this.#waiting.resolve(answer);
    }
  }

  request(bytes) {
    this.#waiting = Promise.withResolvers();
    this.socket.write(bytes);
    return this.#waiting.promise;
  }
}

/** A modern tools/call of `query` as bytes. */
export function queryBytes(query, { accept = BOTH, meta = {} } = {}) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: {
    name: 'execute_sql_query', arguments: { query }, _meta: { ...MODERN_META, ...meta } } });
  return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: ${accept}\r\n` +
    `MCP-Protocol-Version: ${MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: execute_sql_query\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
