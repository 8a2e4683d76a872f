// An OpenAI-compatible chat completions service that answers as the test has written it.

import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';

const USAGE = { prompt_tokens: 100, completion_tokens: 20 };

/** The model says `content`; what is no string is written as JSON. */
export const says = (content, { finish = 'stop', usage = USAGE, ...message } = {}) => ({
  status: 200,
  body: {
    id: 'chatcmpl-1', object: 'chat.completion', model: 'fake-1', usage,
    choices: [{
      index: 0, finish_reason: finish,
      message: { role: 'assistant', content: text(content), ...message },
    }],
  },
});

/** The service fails; `more` are further members of the error: code, param, type. */
export const fails = (status, message, headers = {}, more = {}) =>
  ({ status, headers, body: { error: { message, type: 'error', ...more } } });

/** Exactly this body. */
export const replies = (status, body, headers = {}) => ({ status, headers, body });

/** `answer`, byte by byte over so many milliseconds. */
export const slowly = (ms, answer) => ({ ...ready(answer), ms });

export const HANGS = { hangs: true };
/** The connection is cut within the answer. */
export const CUTS = { cuts: true };
/** So many bytes, of no meaning. */
export const floods = (bytes = 100 << 20) => ({ floods: bytes });

const text = (content) =>
  content === null || typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
const ready = (answer) => (answer?.status || answer?.hangs || answer?.cuts || answer?.floods
  ? answer : says(answer));

async function flood(response, bytes) {
  const block = Buffer.alloc(1 << 20, 'x');
  response.writeHead(200, { 'content-type': 'application/json' });
  for (let sent = 0; sent < bytes && !response.destroyed; sent += block.length) {
    if (!response.write(block)) {
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
  }
  response.end();
}

async function give(response, answer) {
  if (answer.hangs) return;
  if (answer.floods) return flood(response, answer.floods);
  if (answer.cuts) {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('{"choices": [', () => response.destroy());
    return;
  }
  const body = Buffer.from(text(answer.body));
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  if (answer.ms) {
    const began = Date.now();
    for (let sent = 0; sent < body.length && !response.destroyed; sent++) {
      response.write(body.subarray(sent, sent + 1));
      while (!response.destroyed && Date.now() - began < (answer.ms * sent) / body.length) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    response.end();
  } else {
    response.end(body);
  }
}

/**
 * Listens on 127.0.0.1 until the test ends. `script` is a list of answers, of which the last is
 * repeated, or a function of the request ({ messages, … } as sent) and its number from 0 on. An
 * answer is what the functions above make, or what the model says: a string, or an object as JSON.
 * With `tls` ({ key, cert }) it speaks HTTP/2 too.
 * Returns the section `llm` of a configuration, how many connections are open, and every request:
 * { body, headers, path, version, closed }, the last a promise.
 */
export async function startFakeModel(t, script, { tls } = {}) {
  const requests = [];
  const sockets = new Set();
  const handle = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks));
    const number = requests.length;
    const entry = { body, headers: request.headers, path: request.url, version: request.httpVersion };
    entry.closed = new Promise((resolve) => response.on('close', resolve));
    requests.push(entry);
    const answer = typeof script === 'function'
      ? await script(body, number) : script[Math.min(number, script.length - 1)];
    await give(response, ready(answer));
  };
  const listener = (request, response) =>
    handle(request, response.on('error', () => {})).catch(() => response.destroy());
  const server = tls ? createSecureServer({ ...tls, allowHTTP1: true }, listener) : createServer(listener);
  server.on(tls ? 'secureConnection' : 'connection', (socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  });
  t.after(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    requests,
    connections: () => sockets.size,
    llm: {
      base_url: `http${tls ? 's' : ''}://127.0.0.1:${port}/v1`,
      api_key: 'sk-of-the-tests',
      model: 'fake-1',
    },
  };
}
