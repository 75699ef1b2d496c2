import { userInfo } from 'node:os';
import { join } from 'node:path';
import { LmpowerError } from '../core/errors.ts';
import { connectHttp } from './http.ts';
import { countAt, isObject, parsed } from './json.ts';
import { lmStudioFolders, textOfFile } from './lmstudio-folders.ts';
import { addresses, type BackendOptions, baseUrl } from './options.ts';

/** Ports of the always-on local API server. Source: `@lmstudio/sdk` 2.0.0, apiServerPorts. */
const API_PORTS = [41343, 52993, 16141, 39414, 22931];
/** Default port of the REST server that a person starts. */
const REST_PORT = 1234;
/** What LM Studio's own command line waits. */
const GREETING_TIMEOUT_s = 0.5;
/** A server that was named may be on a slower road than this machine's own. */
const NAMED_TIMEOUT_s = 2;
const PORT_MAX = 65535;

/** `socket`: what the SDK needs, any of the servers. `rest`: the REST server first, since the other need not answer REST. */
export type DiscoveryPurpose = 'socket' | 'rest';

/** Ports that LM Studio wrote down in its folder; null where the file is missing or says nothing usable. */
export interface RecordedPorts {
  readonly api: number | null;
  readonly rest: number | null;
}

/** Base URLs worth a greeting, best first. */
export function candidates(ports: RecordedPorts, purpose: DiscoveryPurpose): string[] {
  const api = [ports.api, ...API_PORTS];
  const rest = [ports.rest, REST_PORT];
  const order = purpose === 'socket' ? [...api, ...rest] : [...rest, ...api];
  const known = order.filter((port): port is number => port !== null);
  return [...new Set(known)].map((port) => `http://127.0.0.1:${port}`);
}

/** Base URL of a running LM Studio. @throws {LmpowerError} USAGE for a malformed URL, BACKEND_UNREACHABLE */
export async function discover(options: BackendOptions, purpose: DiscoveryPurpose): Promise<string> {
  if (options.url !== null) return explicit(baseUrl(options.url), options);
  const urls = await worthAGreeting(options, purpose);
  const greeted = await Promise.all(urls.map((url) => greets(url, options)));
  const found = urls.find((_url, index) => greeted[index]);
  if (found !== undefined) return found;
  throw new LmpowerError(
    'BACKEND_UNREACHABLE',
    `no LM Studio answers ${options.host === undefined ? 'on this machine' : `at ${options.host}`} (tried ${urls.join(', ')})`,
  );
}

/** Ports that the configuration names are the only ones; another machine has no folder that we could read. */
async function worthAGreeting(options: BackendOptions, purpose: DiscoveryPurpose): Promise<string[]> {
  if (options.ports !== undefined || options.host !== undefined)
    return addresses(options, [REST_PORT, ...API_PORTS]);
  return candidates(await recordedPorts(options.home ?? userInfo().homedir), purpose);
}

async function explicit(url: string, options: BackendOptions): Promise<string> {
  const answer = await greeting(url, options, NAMED_TIMEOUT_s);
  if (answer === 'hello') return url;
  const message =
    answer === 'stranger' ? `what answers at ${url} is not LM Studio` : `nothing answers at ${url}`;
  throw new LmpowerError('BACKEND_UNREACHABLE', message, {
    remedy: 'look at the address, start the server in LM Studio, then: lmpower doctor',
  });
}

/** True when an LM Studio says hello there within half a second. */
export async function greets(url: string, options: BackendOptions): Promise<boolean> {
  return (await greeting(url, options, GREETING_TIMEOUT_s)) === 'hello';
}

async function greeting(
  url: string,
  { clock, timeout_s }: BackendOptions,
  limit_s: number,
): Promise<'hello' | 'stranger' | 'silent'> {
  // The token is not sent: whoever answers on these ports is not known yet.
  const http = await connectHttp({ base: url, token: null, clock });
  const request = {
    method: 'GET',
    path: '/lmstudio-greeting',
    timeout_s: Math.min(timeout_s, limit_s),
  } as const;
  try {
    return (await http.json(request))['lmstudio'] === true ? 'hello' : 'stranger';
  } catch (thrown) {
    if (!(thrown instanceof LmpowerError)) throw thrown;
    return thrown.code === 'BACKEND_UNREACHABLE' || thrown.code === 'BACKEND_TIMEOUT' ? 'silent' : 'stranger';
  } finally {
    await http.close();
  }
}

/** Reads the ports from LM Studio's own folders; the first that says one wins. */
export async function recordedPorts(home: string): Promise<RecordedPorts> {
  for (const folder of await lmStudioFolders(home)) {
    const ports = await portsIn(join(folder, '.internal'));
    if (ports.api !== null || ports.rest !== null) return ports;
  }
  return { api: null, rest: null };
}

async function portsIn(folder: string): Promise<RecordedPorts> {
  return {
    api: portOf(await textOfFile(join(folder, 'http-server.json'))),
    rest: portOf(await textOfFile(join(folder, 'http-server-config.json'))),
  };
}

function portOf(text: string | null): number | null {
  const content = text === null ? undefined : parsed(text);
  const port = isObject(content) ? countAt(content, 'port') : null;
  return port !== null && port >= 1 && port <= PORT_MAX ? port : null;
}
