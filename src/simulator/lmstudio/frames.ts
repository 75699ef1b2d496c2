import type { JsonRecord } from './json.ts';
import { numberAt, parseRecord, recordAt, textAt } from './json.ts';
import type { WireError } from './refusal.ts';

/** What the SDK sends after its first frame. Source: lmstudio-js, `lms-communication/src/Transport.ts`. */
export type ClientFrame =
  | {
      readonly type: 'rpcCall';
      readonly endpoint: string;
      readonly callId: number;
      readonly parameter: JsonRecord;
    }
  | {
      readonly type: 'channelCreate';
      readonly endpoint: string;
      readonly channelId: number;
      readonly parameter: JsonRecord;
    }
  | { readonly type: 'channelSend'; readonly channelId: number; readonly message: JsonRecord }
  | { readonly type: 'keepAlive' }
  | { readonly type: 'ignored' };

const IGNORED = ['channelAck', 'communicationWarning', 'signalUnsubscribe', 'writableSignalUnsubscribe'];

/** Null: no frame that this server knows. */
export function parseClientFrame(text: string): ClientFrame | null {
  const frame = parseRecord(text);
  if (frame === null) return null;
  const type = textAt(frame, 'type') ?? '';
  if (type === 'keepAlive') return { type };
  if (IGNORED.includes(type)) return { type: 'ignored' };
  const endpoint = textAt(frame, 'endpoint');
  const callId = numberAt(frame, 'callId');
  const channelId = numberAt(frame, 'channelId');
  if (type === 'rpcCall' && endpoint !== undefined && callId !== undefined) {
    return { type, endpoint, callId, parameter: recordAt(frame, 'parameter') };
  }
  if (type === 'channelCreate' && endpoint !== undefined && channelId !== undefined) {
    return { type, endpoint, channelId, parameter: recordAt(frame, 'creationParameter') };
  }
  if (type === 'channelSend' && channelId !== undefined) {
    return { type, channelId, message: recordAt(frame, 'message') };
  }
  return null;
}

/** `result` is left out for calls that return nothing: the SDK refuses null. */
export type ServerFrame =
  | { readonly type: 'rpcResult'; readonly callId: number; readonly result?: unknown }
  | { readonly type: 'rpcError'; readonly callId: number; readonly error: WireError }
  | { readonly type: 'channelSend'; readonly channelId: number; readonly message: JsonRecord }
  | { readonly type: 'channelClose'; readonly channelId: number }
  | { readonly type: 'channelError'; readonly channelId: number; readonly error: WireError }
  | { readonly type: 'communicationWarning'; readonly warning: string }
  | { readonly type: 'keepAliveAck' };

export function serverFrame(frame: ServerFrame): string {
  return JSON.stringify(frame);
}
