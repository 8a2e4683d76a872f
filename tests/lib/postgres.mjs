// A private PostgreSQL cluster: reached through a socket in its own directory, gone with the test.

import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { onLines } from './lines.mjs';
import { freePort } from './net.mjs';
import { Psql } from './psql.mjs';

function findBinaries() {
  const candidates = globSync('/usr/lib/postgresql/*/bin')
    .sort((a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4]));
  try {
    candidates.unshift(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim());
  } catch {
    // no development package; the usual places remain
  }
  const found = candidates.find((directory) => existsSync(path.join(directory, 'initdb')));
  if (!found) {
    throw new Error('no PostgreSQL server found; apt-get install postgresql');
  }
  return found;
}

const isRoot = process.getuid() === 0;
const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));

/** PostgreSQL refuses to run as root; and it must not outlive a killed test. */
export const asServer = (command, args) => ['setpriv', [
  '--pdeathsig', 'QUIT',
  ...(isRoot ? ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] : []),
  '--', command, ...args,
]];

/** A directory with a name short enough for a socket, owned by the server's user. */
export function serverDirectory() {
  const directory = mkdtempSync('/tmp/pgp-');
  if (isRoot) {
    chownSync(directory, idOf('-u'), idOf('-g'));
  }
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Resolves with the first line of a child's stderr that matches; the log goes into the failure. */
export function logLine(child, pattern, log = []) {
  return new Promise((resolve, reject) => {
    onLines(child.stderr, (line) => {
      log.push(line);
      if (pattern.test(line)) {
        resolve(line);
      }
    });
    child.on('error', reject);
    child.on('exit', () => reject(new Error(log.join('\n'))));
  });
}

/** Starts the cluster of a test file (or of whatever `atEnd` belongs to), with the database `shop`. */
export async function startPostgres({ tcp = false, atEnd = after } = {}) {
  const postgres = new Postgres(serverDirectory(), tcp ? await freePort() : 5432, tcp);
  await postgres.start();
  await postgres.sql('CREATE ROLE agent SUPERUSER LOGIN; CREATE DATABASE shop', 'postgres');
  await postgres.sql(readFileSync(new URL('../fixtures/shop.sql', import.meta.url), 'utf8'));
  atEnd(() => postgres.destroy());
  return postgres;
}

class Postgres {
  bin = findBinaries();
  /** The lines of the server's log. */
  log = [];
  #sessions = new Map();
  #server;
  #tcp;

  constructor(directory, port, tcp) {
    this.directory = directory;
    this.port = port;
    this.#tcp = tcp;
    const [command, args] = asServer(path.join(this.bin, 'initdb'), [
      '-D', this.#data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C',
      '--no-sync', '--no-instructions',
    ]);
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  get #data() { return path.join(this.directory, 'data'); }

  /** The `database:` section that leads here. The role may do anything: only pgparley refuses. */
  get config() {
    return { host: this.directory, port: this.port, database: 'shop', username: 'agent' };
  }

  async start() {
    const settings = {
      unix_socket_directories: this.directory,
      listen_addresses: this.#tcp ? '127.0.0.1' : '',
      port: this.port,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '16MB',
      timezone: 'UTC',
    };
    const [command, args] = asServer(path.join(this.bin, 'postgres'), ['-D', this.#data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]);
    this.#server = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    await logLine(this.#server, /ready to accept connections/, this.log);
  }

  /** `fast` disconnects the clients, `immediate` lets everything drop dead. */
  async stop(mode = 'fast') {
    this.#endSessions();
    const exited = new Promise((resolve) => this.#server.once('exit', resolve));
    this.#server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await exited;
  }

  async restart(mode) {
    await this.stop(mode);
    await this.start();
  }

  async destroy() {
    this.#endSessions();
    if (this.#server.exitCode === null) {
      await this.stop('immediate');
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Kills one backend as the out-of-memory killer would; PostgreSQL then ends all the others. */
  crashBackend(pid) {
    process.kill(pid, 'SIGKILL');
    this.#endSessions();
  }

  #endSessions() {
    this.#sessions.forEach((session) => session.end());
    this.#sessions.clear();
  }

  #session(database) {
    return new Psql(path.join(this.bin, 'psql'),
      `host=${this.directory} port=${this.port} user=postgres dbname=${database}`);
  }

  /** Runs SQL as the superuser. */
  sql(text, database = 'shop') {
    if (this.#sessions.get(database)?.isClosed ?? true) {
      this.#sessions.set(database, this.#session(database));
    }
    return this.#sessions.get(database).run(text);
  }

  /** Waits inside PostgreSQL until the condition holds. */
  until(condition, withinMs = 10_000) {
    return this.sql(`DO $wait$ BEGIN
      FOR i IN 1..${withinMs / 2} LOOP
        PERFORM pg_stat_clear_snapshot();
        IF ${condition} THEN RETURN; END IF;
        PERFORM pg_sleep(0.002);
      END LOOP;
      RAISE 'waited in vain: %', $condition$${condition}$condition$;
    END $wait$`);
  }

  /** Waits until exactly `count` statements of pgparley wait at a gate or sleep, or none runs. */
  untilRunning(count) {
    const state = count > 0 ? "wait_event_type IN ('Lock', 'Timeout')" : "state = 'active'";
    return this.until(`(SELECT count(*) FROM pg_stat_activity
      WHERE usename = 'agent' AND ${state}) = ${count}`);
  }

  /** Makes every read of the table `gate` wait until it is opened, with the test at the latest. */
  async closeGate(t) {
    const session = this.#session('shop');
    t.after(() => session.end());
    await session.run('BEGIN; LOCK TABLE gate');
    return { open: () => session.end() };
  }

  /** Process ids of pgparley's connections. */
  async backends() {
    const pids = await this.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'agent'");
    return pids.split('\n').filter(Boolean).map(Number);
  }
}
