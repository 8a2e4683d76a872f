// Stands between an official client and the server, passes everything on, and keeps a record:
//   node relay.mjs DIRECTORY PROGRAM [ARGUMENT…]
// One file for each process, for a client may start several.

import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { onLines } from './lines.mjs';

const [directory, program, ...args] = process.argv.slice(2);
const record = (from) => (line) =>
  appendFileSync(`${directory}/${process.pid}.jsonl`, `${JSON.stringify({ from, line })}\n`);

const server = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
process.stdin.pipe(server.stdin);
server.stdout.pipe(process.stdout);
onLines(process.stdin, record('client'));
onLines(server.stdout, record('server'));

server.stdin.on('error', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
server.on('exit', (code) => { process.exitCode = code ?? 1; process.stdin.destroy(); });
