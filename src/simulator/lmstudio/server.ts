import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../core/clock.ts';
import { systemClock } from '../../core/clock.ts';
import type { PowerSteps } from '../power-step.ts';
import type { LabModel, RailPower } from './catalog.ts';
import { DEFAULT_CATALOG } from './catalog.ts';
import { Engine } from './engine.ts';
import type { LmStudioFaults } from './faults.ts';
import { noFaults } from './faults.ts';
import { pathOf, serveHttp } from './http.ts';
import type { LabServer, ReceivedRequest, ServedAnswer } from './lab.ts';
import { WorkPower } from './power.ts';
import type { AnswerTokens } from './predict.ts';
import type { Settings } from './settings.ts';
import { NAMESPACES, serveSocket } from './socket.ts';

export interface LmStudioStandInOptions {
  /** Written whenever the work changes; times are those of `clock`. */
  readonly steps: PowerSteps;
  readonly clock?: Clock;
  readonly models?: readonly LabModel[];
  /** Keys of models that are in memory from the start, under their key as identifier. */
  readonly loadedAtStart?: readonly string[];
  /** Load settings of these, by wire key. */
  readonly settings?: Settings;
  /** `sk-lm-<8>:<20>`; not given: open to everyone. */
  readonly token?: string;
  /** Not given or 0: any free one. */
  readonly port?: number;
  readonly answerTokens?: AnswerTokens;
  readonly powerCap?: RailPower;
  readonly faults?: Partial<LmStudioFaults>;
}

/** A running stand-in. `requests` and `answers` grow while it runs, oldest first. */
export interface LmStudioStandIn {
  /** `http://127.0.0.1:<port>`; the SDK wants the same with `ws:`. */
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
  /** Switched at run time. */
  readonly faults: LmStudioFaults;
  readonly requests: readonly ReceivedRequest[];
  readonly answers: readonly ServedAnswer[];
  /** Identifiers of the instances in memory now. */
  loaded(): string[];
  /** Unloads as if LM Studio itself had done so. @throws {Refusal} where there is none of that identifier */
  evict(identifier: string): void;
  /** Cuts all connections, ends all work; no handle is left. */
  close(): Promise<void>;
}

/** As LM Studio tells it: the version whose protocol is spoken here. */
const VERSION = '0.4.25';
const HOST = '127.0.0.1';

/**
 * Starts a server on 127.0.0.1 that the unmodified SDK and REST clients take for LM Studio, and that notes the power
 * its work would draw. @throws where the port is taken
 */
export async function startLmStudioStandIn(options: LmStudioStandInOptions): Promise<LmStudioStandIn> {
  const closing = new AbortController();
  const lab = openLab(options, closing.signal);
  const server = createServer((request, response) => void serveHttp(lab, request, response));
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => upgrade(lab, sockets, { request, socket, head }));
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${HOST}:${port}`,
    wsUrl: `ws://${HOST}:${port}`,
    port,
    faults: lab.faults,
    requests: lab.requests,
    answers: lab.answers,
    loaded: () => lab.engine.identifiers(),
    evict: (identifier) => lab.engine.unload(identifier),
    close: () => {
      closing.abort();
      lab.engine.close();
      return shut(server, sockets);
    },
  };
}

function openLab(options: LmStudioStandInOptions, closing: AbortSignal): LabServer {
  const clock = options.clock ?? systemClock;
  const faults = { ...noFaults(), ...options.faults };
  const power = new WorkPower(options.steps, clock, options.powerCap);
  const machine = { clock, power, answerTokens: options.answerTokens };
  const engine = new Engine(machine, options.models ?? DEFAULT_CATALOG, faults);
  for (const key of options.loadedAtStart ?? []) {
    const requested = options.settings ?? {};
    engine.place({ model: engine.find(key), requested, ttl_s: null, justInTime: false });
  }
  return {
    clock,
    engine,
    faults,
    version: VERSION,
    closing,
    token: options.token ?? null,
    requests: [],
    answers: [],
    responses: new Map(),
    logListeners: new Set(),
  };
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function upgrade(lab: LabServer, sockets: WebSocketServer, { request, socket, head }: Upgrade): void {
  const namespace = NAMESPACES[pathOf(request).slice(1)];
  if (namespace === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    return;
  }
  sockets.handleUpgrade(request, socket, head, (opened) => serveSocket(lab, opened, namespace));
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve(portOf(server.address()));
    });
  });
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function shut(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
