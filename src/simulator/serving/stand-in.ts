import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../core/clock.ts';
import { DEFAULT_CATALOG, type LabModel, type RailPower } from '../lmstudio/catalog.ts';
import { Engine } from '../lmstudio/engine.ts';
import { type LmStudioFaults, noFaults } from '../lmstudio/faults.ts';
import type { LabServer, ReceivedRequest, ServedAnswer } from '../lmstudio/lab.ts';
import { WorkPower } from '../lmstudio/power.ts';
import type { AnswerTokens } from '../lmstudio/predict.ts';
import type { Settings } from '../lmstudio/settings.ts';
import type { PowerSteps } from '../power-step.ts';
import type { Dialect } from './dialect.ts';
import { serveHttp } from './http.ts';

/** Faults of the shared engine and of the wire; those of LM Studio's own socket have no part here. */
export type ServingFaults = LmStudioFaults;

export interface StandInOptions {
  /** Written whenever the work changes; times are those of `clock`. */
  readonly steps: PowerSteps;
  readonly clock?: Clock;
  readonly models?: readonly LabModel[];
  /** Keys of models that are in memory from the start. */
  readonly loadedAtStart?: readonly string[];
  /** Load settings of these, by wire key. */
  readonly settings?: Settings;
  /** Not given: open to everyone. */
  readonly token?: string;
  /** Not given or 0: any free one. */
  readonly port?: number;
  readonly answerTokens?: AnswerTokens;
  readonly powerCap?: RailPower;
  readonly faults?: Partial<ServingFaults>;
}

/** A running stand-in. `requests` and `answers` grow while it runs, oldest first. */
export interface StandIn {
  readonly url: string;
  readonly port: number;
  /** Switched at run time. */
  readonly faults: ServingFaults;
  readonly requests: readonly ReceivedRequest[];
  readonly answers: readonly ServedAnswer[];
  loaded(): string[];
  /** Unloads as if the server itself had done so. @throws {Refusal} where there is none of that identifier */
  evict(identifier: string): void;
  /** The process is gone: connections are cut, nobody listens. */
  die(): Promise<void>;
  /** Listens again on the same port, with the models that were in memory. */
  comeBack(): Promise<void>;
  /** Cuts all connections, ends all work; no handle is left. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Starts a server of this dialect on 127.0.0.1 that notes the power its work would draw. @throws where the port is taken */
export async function startStandIn(
  options: StandInOptions,
  { version, dialect }: { readonly version: string; readonly dialect: Dialect },
): Promise<StandIn> {
  const closing = new AbortController();
  const lab = openLab(options, { version, closing: closing.signal });
  const start = (port: number): Promise<Server> =>
    listening(
      createServer((request, response) => void serveHttp(lab, dialect, { request, response })),
      port,
    );
  let server: Server | null = await start(options.port ?? 0);
  const port = portOf(server.address());
  const die = async (): Promise<void> => {
    const dying = server;
    server = null;
    if (dying !== null) await shut(dying);
  };
  return {
    url: `http://${HOST}:${port}`,
    port,
    faults: lab.faults,
    requests: lab.requests,
    answers: lab.answers,
    loaded: () => lab.engine.identifiers(),
    evict: (identifier) => lab.engine.unload(identifier),
    die,
    comeBack: async () => {
      server ??= await start(port);
    },
    close: () => {
      closing.abort();
      lab.engine.close();
      return die();
    },
  };
}

function openLab(
  options: StandInOptions,
  { version, closing }: { readonly version: string; readonly closing: AbortSignal },
): LabServer {
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
    version,
    closing,
    token: options.token ?? null,
    requests: [],
    answers: [],
    responses: new Map(),
    logListeners: new Set(),
  };
}

function listening(server: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
