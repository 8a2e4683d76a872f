// TCP ports of this machine.

import { createServer } from 'node:net';

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A port that accepts connections and never says a word, until the test ends. */
export async function silentPort(t) {
  const sockets = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => {})));
  t.after(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return listen(server);
}
