// pgparley without its guard: what tests use to see what the layers behind the guard do.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { BIN, Server, writeConfig } from './server.mjs';

const UNGUARDED = path.join(path.dirname(BIN), 'pgparley-unguarded');

/** Starts it with one connection at most, so that every call is in the session of the one before. */
export async function startUnguarded(t, database) {
  if (!existsSync(UNGUARDED)) {
    throw new Error(`no program at ${UNGUARDED}; ninja builds it with the tests`);
  }
  const config = await writeConfig(t, { database: { ...database, pool_size: 1, max_overflow: 0 } });
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^PG[A-Z]+$/.test(name)));
  const child = spawn(UNGUARDED, ['--config', config], { env, stdio: 'pipe' });
  const server = new Server(child, '');
  t.after(() => server.finish());
  return server;
}
