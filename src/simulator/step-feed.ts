import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { LmpowerError } from '../core/errors.ts';
import type { PowerStep, PowerSteps } from './power-step.ts';
import { createLineCutter, feedLineText, parseFeedLine } from './step-lines.ts';

const HOST = '127.0.0.1';

/** The lab's side: every meter that connects gets all steps so far, then each new one. */
export interface StepFeedServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The meter's side. */
export interface StepFeed {
  /** Resolves when every step that the lab wrote up to now has been delivered. Rejects when the feed closes first. */
  caughtUp(): Promise<void>;
  /** Aborted when the lab closes the feed, with the reason. */
  readonly closed: AbortSignal;
  close(): void;
}

/** Listens on 127.0.0.1 only, at a free port. */
export async function serveSteps(steps: PowerSteps): Promise<StepFeedServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    feedSocket(socket, steps);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    port: portOf(server),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Connects and delivers each step to `onStep`, in order, as it arrives. */
export async function connectSteps(port: number, onStep: (step: PowerStep) => void): Promise<StepFeed> {
  const socket = connect({ host: HOST, port, noDelay: true });
  const closed = new AbortController();
  const waiting = new Map<number, () => void>();
  const take = createLineCutter((text) => {
    const line = parseFeedLine(text);
    if ('step' in line) onStep(line.step);
    if ('answer' in line) waiting.get(line.answer)?.();
  });
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    try {
      take(String(chunk));
    } catch (thrown) {
      socket.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  });
  socket.on('error', (error) => closed.abort(error));
  socket.once('close', () => closed.abort(new Error('the step feed closed')));
  await once(socket, 'connect');
  let asks = 0;
  const caughtUp = (): Promise<void> => askOnce({ socket, closed: closed.signal, waiting, ask: asks++ });
  await caughtUp();
  return { caughtUp, closed: closed.signal, close: () => socket.destroy() };
}

function feedSocket(socket: Socket, steps: PowerSteps): void {
  socket.setNoDelay(true);
  socket.setEncoding('utf8');
  const send = (step: PowerStep): boolean => socket.write(feedLineText({ step }));
  for (const step of steps.all()) send(step);
  const stop = steps.subscribe(send);
  const take = createLineCutter((text) => {
    const line = parseFeedLine(text);
    if ('ask' in line) socket.write(feedLineText({ answer: line.ask }));
  });
  socket.on('data', (chunk) => {
    try {
      take(String(chunk));
    } catch {
      // A stranger on the port: nothing of the lab's depends on it.
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', stop);
}

interface Ask {
  readonly socket: Socket;
  readonly closed: AbortSignal;
  readonly waiting: Map<number, () => void>;
  readonly ask: number;
}

function askOnce({ socket, closed, waiting, ask }: Ask): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      waiting.delete(ask);
      closed.removeEventListener('abort', onClosed);
    };
    const onClosed = (): void => {
      end();
      reject(closed.reason);
    };
    if (closed.aborted) {
      reject(closed.reason);
      return;
    }
    closed.addEventListener('abort', onClosed);
    waiting.set(ask, () => {
      end();
      resolve();
    });
    socket.write(feedLineText({ ask }));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new LmpowerError('BUG', 'the step feed has no port');
  return address.port;
}
