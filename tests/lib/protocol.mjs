// The official JSON schemas as the judge of everything that the server says.

import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const MODERN = '2026-07-28';
export const LEGACY = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];
const LATEST_LEGACY = LEGACY.at(-1);

export const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo';
export const MODERN_META = { [VERSION_KEY]: MODERN, [CAPABILITIES_KEY]: {} };

const RESULT_OF = {
  'initialize': 'InitializeResult',
  'server/discover': 'DiscoverResult',
  'ping': 'EmptyResult',
  'tools/list': 'ListToolsResult',
  'tools/call': 'CallToolResult',
  'resources/list': 'ListResourcesResult',
  'resources/read': 'ReadResourceResult',
  'resources/templates/list': 'ListResourceTemplatesResult',
  'prompts/list': 'ListPromptsResult',
  'prompts/get': 'GetPromptResult',
  'completion/complete': 'CompleteResult',
};

const validators = new Map();

function validator(version, definition) {
  if (!validators.has(version)) {
    const schema = JSON.parse(readFileSync(new URL(`../schema/${version}.json`, import.meta.url)));
    const ajv = new (schema.$defs ? Ajv2020 : Ajv)({ strict: false, allErrors: true });
    addFormats(ajv);
    ajv.addFormat('byte', true);
    ajv.addSchema(schema, version);
    validators.set(version, (name) =>
      ajv.getSchema(`${version}#/${schema.$defs ? '$defs' : 'definitions'}/${name}`));
  }
  return validators.get(version)(definition);
}

/** The first of the definitions that this version has. */
function firstKnown(version, ...definitions) {
  return definitions.find((name) => validator(version, name));
}

const idKey = (id) => JSON.stringify(id) ?? 'none';

/** One conversation on one pipe: knows what was asked, judges what is answered. */
export class Transcript {
  violations = [];
  #asked = new Map(); // id → its requests that are not answered yet
  #legacyVersion = LATEST_LEGACY;

  /** Notes the requests in a line (or a piece of one) that goes to the server. */
  sent(line) {
    let messages;
    try {
      messages = [JSON.parse(line)].flat();
    } catch {
      return; // a test of malformed input
    }
    for (const message of messages) {
      if (typeof message?.method === 'string' && 'id' in message) {
        const asked = {
          method: message.method,
          modern: message.params?._meta?.[VERSION_KEY] !== undefined ||
            message.method === 'server/discover',
        };
        const key = idKey(message.id);
        this.#asked.set(key, [...this.#asked.get(key) ?? [], asked]);
      }
    }
  }

  /** Judges a line from the server; returns the message, or null if it is not JSON. */
  received(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      this.#object('not JSON', line);
      return null;
    }
    if (Array.isArray(message) && (message.length === 0 || this.#legacyVersion !== '2025-03-26')) {
      this.#object('a batch where there must be none', line);
    }
    [message].flat().forEach((item) => this.#judge(item, line));
    return message;
  }

  #judge(message, line) {
    if (message.method !== undefined && message.id !== undefined) { // only before 2026-07-28
      this.#conforms(this.#legacyVersion, 'JSONRPCRequest', message, line);
      this.#conforms(this.#legacyVersion, 'ServerRequest', message, line);
      return;
    }
    if (message.method !== undefined) {
      this.#conforms(MODERN, 'JSONRPCNotification', message, line);
      this.#conforms(MODERN, 'ServerNotification', message, line);
      return;
    }
    const asked = this.#asked.get(idKey(message.id))?.shift(); // each is answered once
    if (asked?.method === 'initialize' && message.result) {
      this.#legacyVersion = message.result.protocolVersion;
    }
    const version = asked?.modern ? MODERN : this.#legacyVersion;
    if (message.error) {
      this.#judgeError(message, version, line);
    } else {
      this.#judgeResult(message, version, asked, line);
    }
  }

  #judgeError(message, version, line) {
    // Only the newer schemas have a form for an error whose request had no readable id.
    const inForce = message.id === undefined ? MODERN : version;
    this.#conforms(inForce, firstKnown(inForce, 'JSONRPCErrorResponse', 'JSONRPCError'), message, line);
    if (message.error.code === -32022) {
      this.#conforms(MODERN, 'UnsupportedProtocolVersionError', message, line);
    }
  }

  #judgeResult(message, version, asked, line) {
    if (!asked) {
      this.#object('answers what was not asked', line);
      return;
    }
    const { result } = message;
    this.#conforms(version, firstKnown(version, 'JSONRPCResultResponse', 'JSONRPCResponse'), message, line);
    this.#conforms(version, this.#kindOf(result, asked), result, line);
    if (version === MODERN) {
      if (result._meta?.[SERVER_INFO_KEY]?.name !== 'pgparley') {
        this.#object('modern result without serverInfo', line);
      }
      return;
    }
    if (['resultType', 'ttlMs', 'cacheScope'].some((field) => field in result)) {
      this.#object('modern field in a legacy result', line);
    }
    if (version < '2025-06-18' && 'structuredContent' in result) {
      this.#object(`structuredContent in ${version}`, line);
    }
    if (asked.method === 'ping' && Object.keys(result).length > 0) {
      this.#object('answer to ping is not exactly {}', line);
    }
  }

  #kindOf(result, { method, modern }) {
    const isQuestion = modern && result.resultType === 'input_required';
    return isQuestion ? 'InputRequiredResult' : RESULT_OF[method] ?? 'Result';
  }

  #conforms(version, definition, value, line) {
    const validate = validator(version, definition);
    if (!validate) {
      this.#object(`unknown definition ${version} ${definition}`, line);
    } else if (!validate(value)) {
      const { instancePath, message } = validate.errors[0];
      this.#object(`${version} ${definition}${instancePath} ${message}`, line);
    }
  }

  #object(what, line) {
    this.violations.push(`${what}: ${line.slice(0, 500)}`);
  }
}
