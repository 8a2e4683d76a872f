// nginx in front of pgparley, with the recipe of dist/nginx.conf.

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './net.mjs';
import { asServer, logLine, serverDirectory } from './postgres.mjs';
import { makeCertificate } from './serve.mjs';

const BIN = '/usr/sbin/nginx';
export const hasNginx = existsSync(BIN);

/** Starts it for `server`; `settings` replace those of the recipe. Ends with the test. */
export async function startNginx(t, server, settings = {}) {
  const directory = serverDirectory();
  const port = await freePort();
  const { certificate, key } = await makeCertificate(directory, 'mcp.example.com');
  chmodSync(key, 0o644); // the directory is the server's own
  let recipe = readFileSync(new URL('../../dist/nginx.conf', import.meta.url), 'utf8');
  const all = {
    'listen': `127.0.0.1:${port} ssl`, 'ssl_certificate': certificate, 'ssl_certificate_key': key,
    'server': `127.0.0.1:${server.port}`, ...settings,
  };
  for (const [name, value] of Object.entries(all)) {
    const line = new RegExp(`^( +${name}) .*;$`, 'm');
    if (!line.test(recipe)) {
      throw new Error(`dist/nginx.conf has no ${name}`);
    }
    recipe = recipe.replace(line, `$1 ${value};`);
  }
  const file = path.join(directory, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`).join(' ');
  writeFileSync(file, `
daemon off; master_process off; pid ${directory}/pid; error_log stderr notice;
events {}
http { access_log off; ${temporary}
${recipe}}
`);
  const child = spawn(...asServer(BIN, ['-c', file, '-e', 'stderr']), { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  await logLine(child, /using the "epoll"|start worker/);
  return { port, certificate };
}
