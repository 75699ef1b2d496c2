import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonRecord } from '../lmstudio/json.ts';
import type { LabServer } from '../lmstudio/lab.ts';
import type { Refusal } from '../lmstudio/refusal.ts';
import type { RouteTable } from '../lmstudio/route.ts';

export interface Reply {
  readonly status: number;
  readonly body: JsonRecord;
}

/** How one kind of server speaks: its calls, and its words for what goes wrong. */
export interface Dialect {
  /** Answered to all, token or not. */
  readonly open: RouteTable;
  readonly routes: RouteTable;
  refused(refusal: Refusal): Reply;
  unauthorized(): Reply;
  /** To a call that it does not know. */
  unknown(response: ServerResponse): void;
  /** A body that is an error although the status is 200. */
  errorBody(message: string): JsonRecord;
}

export function replyText(
  response: ServerResponse,
  status: number,
  { type, text }: { readonly type: string; readonly text: string },
): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': type });
  response.end(text);
}

/** True where the request bears the server's key, or none is wanted. */
export function passesKey(lab: LabServer, request: IncomingMessage): boolean {
  if (lab.faults.refuseAuth) return false;
  return lab.token === null || request.headers.authorization === `Bearer ${lab.token}`;
}
