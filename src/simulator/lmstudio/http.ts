import type { IncomingMessage, ServerResponse } from 'node:http';
import { replyFault } from './faults.ts';
import type { JsonRecord } from './json.ts';
import { parseRecord } from './json.ts';
import type { LabServer } from './lab.ts';
import { asRefusal } from './lab.ts';
import { OPENAI_ROUTES } from './openai.ts';
import { reached } from './prediction.ts';
import { restError, statusOf } from './refusal.ts';
import { chat } from './rest-chat.ts';
import { listModels, loadModel, unloadModel } from './rest-models.ts';
import type { Exchange, RouteTable } from './route.ts';
import { replyJson } from './route.ts';
import { passesBearer } from './token.ts';

const ROUTES: RouteTable = {
  'GET /api/v1/models': listModels,
  'POST /api/v1/models/load': loadModel,
  'POST /api/v1/models/unload': unloadModel,
  'POST /api/v1/chat': chat,
  ...OPENAI_ROUTES,
};

/** Open to all, token or not: how clients find the server. */
const GREETINGS: Readonly<Record<string, (lab: LabServer) => JsonRecord>> = {
  'GET /lmstudio-greeting': () => ({ lmstudio: true }),
  'GET /lms-status': (lab) => ({ package: 'lmstudio', version: lab.version }),
};

export async function serveHttp(
  lab: LabServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request);
  const text = await bodyOf(request);
  if (text === null) return;
  const body = text === '' ? {} : parseRecord(text);
  lab.requests.push({ at_s: lab.clock.now_s(), transport: 'http', endpoint: path, parameter: body ?? {} });
  if (!(await replies(lab, path, response))) return;
  const call = `${request.method ?? 'GET'} ${path}`;
  const greeting = GREETINGS[call];
  if (greeting !== undefined) return replyJson(response, 200, greeting(lab));
  if (!passesBearer(lab, request.headers.authorization)) {
    return replyJson(response, 401, errorBody('invalid_request', 'Invalid API token'));
  }
  const route = ROUTES[call];
  if (route === undefined) {
    // Status 200 on purpose: that is what LM Studio does. Source: LM Studio bug tracker, issue 618.
    return replyJson(response, 200, { error: `Unexpected endpoint or method. (${call})` });
  }
  if (body === null)
    return replyJson(response, 400, errorBody('invalid_request', 'Invalid JSON in the body'));
  await answer(lab, { body, response, signal: endOf(lab, response) }, route);
}

async function answer(lab: LabServer, exchange: Exchange, route: RouteTable[string]): Promise<void> {
  try {
    await route?.(lab, exchange);
  } catch (thrown) {
    const refusal = asRefusal(thrown);
    replyJson(exchange.response, statusOf(refusal), { error: restError(refusal) });
  }
}

function errorBody(type: string, message: string): JsonRecord {
  return { error: { type, message } };
}

/** False where a fault has replied in its own way, or never will. */
async function replies(lab: LabServer, path: string, response: ServerResponse): Promise<boolean> {
  const fault = replyFault(lab.faults, path);
  switch (fault?.kind) {
    case undefined:
      return true;
    case 'never':
      return false;
    case 'slow':
      return reached(lab.clock, lab.clock.now_s() + (fault?.delay_s ?? 0), endOf(lab, response));
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Sign in</title><p>This network wants you to sign in first.</p>');
      return false;
    case 'error-200':
      replyJson(response, 200, { error: 'Model is unloaded.' });
      return false;
    case 'status':
      replyJson(response, fault?.status ?? 500, errorBody('internal_error', fault?.message ?? 'failed'));
      return false;
    case 'unknown-endpoint':
      replyJson(response, 200, { error: `Unexpected endpoint or method. (${path})` });
      return false;
  }
}

/** Aborted when the client has gone or the lab closes. */
export function endOf(lab: LabServer, response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  return AbortSignal.any([gone.signal, lab.closing]);
}

/** Without the query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

/** Null where the client left before it had said all. */
export async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: string[] = [];
  request.setEncoding('utf8');
  try {
    for await (const chunk of request) chunks.push(String(chunk));
  } catch (cause) {
    if (request.destroyed) return null;
    throw cause;
  }
  return chunks.join('');
}
