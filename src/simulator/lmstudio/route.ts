import type { ServerResponse } from 'node:http';
import type { JsonRecord } from './json.ts';
import type { LabServer } from './lab.ts';

/** One HTTP request on its way to an answer. */
export interface Exchange {
  readonly body: JsonRecord;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

/** By method and path: `GET /api/v1/models`. A route may refuse. */
export type Route = (lab: LabServer, exchange: Exchange) => Promise<void> | void;
export type RouteTable = Readonly<Record<string, Route>>;

export function replyJson(response: ServerResponse, status: number, body: JsonRecord): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
