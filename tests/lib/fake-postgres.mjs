// A server that speaks PostgreSQL's protocol just far enough to say the wrong thing.

import { createServer } from 'node:net';

function message(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const READY = message('Z', 'I');
const complete = (tag) => message('C', `${tag}\0`);
const parameter = (name, value) => message('S', `${name}\0${value}\0`);
const executed = (tag) => Buffer.concat([message('1'), message('2'), message('n'), complete(tag)]);
const column = Buffer.concat([message('1'), message('2'),
  message('T', [0, 1], 'a\0', Buffer.alloc(6), [0, 0, 0, 25], [255, 255], [255, 255, 255, 255], [0, 0])]);
const row = message('D', [0, 1], [0, 0, 0, 1], 'x');

/** What follows the answer to BEGIN, in the place of a result; each is wrong in its own way. */
export const ODD_ANSWERS = {
  'one result too many': Buffer.concat([column, row, complete('SELECT 1'), complete('SELECT 1'), READY]),
  'a COPY that nobody asked for': Buffer.concat([message('1'), message('2'), message('H', [0, 0, 0]), READY]),
  'an end that comes too early': Buffer.concat([READY, column, row, complete('SELECT 1'), READY]),
  'bytes that are no message': Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'a farewell in the middle': message('E', 'SFATAL\0', 'C57P01\0', 'Mgoing\0', '\0'),
};

/** Listens on 127.0.0.1 and gives `answer` to whatever is asked; resolves with its port. */
export function startFakePostgres(t, answer) {
  const sockets = [];
  const server = createServer((socket) => {
    let greeted = false;
    sockets.push(socket.on('error', () => {}));
    socket.on('data', (data) => {
      if (data.length === 8) { // SSLRequest and GSSENCRequest
        socket.write('N');
      } else if (!greeted) {
        greeted = true;
        socket.write(Buffer.concat([message('R', [0, 0, 0, 0]), parameter('server_version', '13.0'),
          parameter('client_encoding', 'UTF8'), parameter('standard_conforming_strings', 'on'),
          message('K', [0, 0, 0, 1, 0, 0, 0, 2]), READY]));
      } else {
        socket.write(Buffer.concat([executed('BEGIN'), answer]));
      }
    });
  });
  t.after(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}
