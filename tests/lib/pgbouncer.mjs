// PgBouncer in transaction mode, in front of a private cluster.

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { asServer, logLine, serverDirectory } from './postgres.mjs';

const BIN = '/usr/sbin/pgbouncer';
export const hasPgBouncer = existsSync(BIN);

/** Starts it with `poolSize` server connections; returns the `database:` section that leads to it. */
export async function startPgBouncer({ config }, { poolSize }) {
  const directory = serverDirectory();
  const file = path.join(directory, 'pgbouncer.ini');
  writeFileSync(file, `
[databases]
shop = host=${config.host} port=${config.port} dbname=shop user=agent
[pgbouncer]
unix_socket_dir = ${directory}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 100
`);
  const child = spawn(...asServer(BIN, [file]), { stdio: ['ignore', 'ignore', 'pipe'] });
  after(() => child.kill('SIGKILL'));
  await logLine(child, /process up/);
  return { ...config, host: directory, port: 6432 };
}
