import type { WebSocket } from 'ws';
import type { Channel, ChannelTable } from './channel.ts';
import { DIAGNOSTICS_CHANNELS, EMBEDDING_CHANNELS, LLM_CHANNELS, SYSTEM_CHANNELS } from './channels.ts';
import { replyFault } from './faults.ts';
import type { ClientFrame, ServerFrame } from './frames.ts';
import { parseClientFrame, serverFrame } from './frames.ts';
import { parseRecord, textAt } from './json.ts';
import type { LabServer } from './lab.ts';
import { asRefusal } from './lab.ts';
import { reached } from './prediction.ts';
import type { RpcTable } from './rpcs.ts';
import { EMBEDDING_RPCS, LLM_RPCS, SYSTEM_RPCS } from './rpcs.ts';
import { passesToken } from './token.ts';

interface Namespace {
  readonly rpcs: RpcTable;
  readonly channels: ChannelTable;
}

const EMPTY: Namespace = { rpcs: {}, channels: {} };

/** One WebSocket each. Those without calls are accepted, as clients may open them. */
export const NAMESPACES: Readonly<Record<string, Namespace>> = {
  llm: { rpcs: LLM_RPCS, channels: LLM_CHANNELS },
  embedding: { rpcs: EMBEDDING_RPCS, channels: EMBEDDING_CHANNELS },
  system: { rpcs: SYSTEM_RPCS, channels: SYSTEM_CHANNELS },
  diagnostics: { rpcs: {}, channels: DIAGNOSTICS_CHANNELS },
  files: EMPTY,
  repository: EMPTY,
  plugins: EMPTY,
  runtime: EMPTY,
};

/** Serves one connection: the first frame authenticates, all others call. */
export function serveSocket(lab: LabServer, socket: WebSocket, namespace: Namespace): void {
  const session = new Session(lab, socket, namespace);
  let admitted = false;
  socket.on('message', (bytes) => {
    const text = String(bytes);
    if (admitted) session.receive(text);
    else admitted = session.admit(text);
  });
  socket.on('close', () => session.end());
  socket.on('error', () => socket.terminate());
}

class Session {
  private readonly lab: LabServer;
  private readonly socket: WebSocket;
  private readonly namespace: Namespace;
  private readonly channels = new Map<number, AbortController>();

  constructor(lab: LabServer, socket: WebSocket, namespace: Namespace) {
    this.lab = lab;
    this.socket = socket;
    this.namespace = namespace;
  }

  admit(text: string): boolean {
    const frame = parseRecord(text) ?? {};
    const passes = passesToken(this.lab, {
      identifier: textAt(frame, 'clientIdentifier') ?? '',
      passkey: textAt(frame, 'clientPasskey') ?? '',
    });
    this.socket.send(
      JSON.stringify(passes ? { success: true } : { success: false, error: 'Invalid passkey for client' }),
    );
    if (!passes) this.socket.close();
    return passes;
  }

  receive(text: string): void {
    const frame = parseClientFrame(text);
    if (frame === null) {
      this.send({ type: 'communicationWarning', warning: `Received an invalid message: ${text}` });
      return;
    }
    this.dispatch(frame);
  }

  end(): void {
    for (const controller of this.channels.values()) controller.abort();
  }

  private dispatch(frame: ClientFrame): void {
    if (frame.type === 'keepAlive') this.send({ type: 'keepAliveAck' });
    else if (frame.type === 'channelSend') this.channels.get(frame.channelId)?.abort();
    else if (frame.type === 'rpcCall') void this.call(frame);
    else if (frame.type === 'channelCreate') void this.open(frame);
  }

  private async call(frame: ClientFrame & { type: 'rpcCall' }): Promise<void> {
    const { endpoint, callId, parameter } = frame;
    this.lab.requests.push({ at_s: this.lab.clock.now_s(), transport: 'rpc', endpoint, parameter });
    const rpc = this.namespace.rpcs[endpoint];
    if (rpc === undefined || !(await this.replies(endpoint))) {
      if (rpc === undefined) this.unknown(endpoint);
      return;
    }
    try {
      this.send({ type: 'rpcResult', callId, result: await rpc(this.lab, parameter) });
    } catch (thrown) {
      this.send({ type: 'rpcError', callId, error: asRefusal(thrown).wire });
    }
  }

  private async open(frame: ClientFrame & { type: 'channelCreate' }): Promise<void> {
    const { endpoint, channelId, parameter } = frame;
    this.lab.requests.push({ at_s: this.lab.clock.now_s(), transport: 'channel', endpoint, parameter });
    const channel = this.namespace.channels[endpoint];
    if (channel === undefined) {
      this.unknown(endpoint);
      return;
    }
    const controller = new AbortController();
    this.channels.set(channelId, controller);
    if (!(await this.replies(endpoint))) return;
    await this.run(channel, frame, controller.signal);
    this.channels.delete(channelId);
  }

  private async run(
    channel: Channel,
    { channelId, parameter }: ClientFrame & { type: 'channelCreate' },
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const end = await channel(this.lab, {
        parameter,
        signal,
        send: (message) => this.send({ type: 'channelSend', channelId, message }),
        drop: () => this.socket.terminate(),
        garbage: () => this.write(`{"type":"channelSend","channelId":${channelId},"message":`),
      });
      if (end === 'close') this.send({ type: 'channelClose', channelId });
    } catch (thrown) {
      this.send({ type: 'channelError', channelId, error: asRefusal(thrown).wire });
    }
  }

  /** False where a fault keeps the reply back. */
  private async replies(endpoint: string): Promise<boolean> {
    const { faults, clock, closing } = this.lab;
    const fault = replyFault(faults, endpoint);
    if (fault?.kind === 'slow') return reached(clock, clock.now_s() + (fault.delay_s ?? 0), closing);
    if (fault?.kind === 'unknown-endpoint') this.unknown(endpoint);
    return fault?.kind !== 'never' && fault?.kind !== 'unknown-endpoint';
  }

  /** No error: the official server only warns, and the caller waits for ever. */
  private unknown(endpoint: string): void {
    this.send({
      type: 'communicationWarning',
      warning: `Received a call to an unknown endpoint: ${endpoint}`,
    });
  }

  private send(frame: ServerFrame): void {
    this.write(serverFrame(frame));
  }

  private write(text: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(text);
  }
}
