import type { IncomingMessage, ServerResponse } from 'node:http';
import { replyFault } from '../lmstudio/faults.ts';
import { bodyOf, endOf, pathOf } from '../lmstudio/http.ts';
import { parseRecord } from '../lmstudio/json.ts';
import { asRefusal, type LabServer } from '../lmstudio/lab.ts';
import { reached } from '../lmstudio/prediction.ts';
import { invalidRequest } from '../lmstudio/refusal.ts';
import type { Exchange, Route } from '../lmstudio/route.ts';
import { replyJson } from '../lmstudio/route.ts';
import { type Dialect, passesKey, replyText } from './dialect.ts';

/** One request from its first byte to its answer, suffering the faults of the moment. */
export async function serveHttp(
  lab: LabServer,
  dialect: Dialect,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const path = pathOf(request);
  const text = await bodyOf(request);
  if (text === null) return;
  const body = text === '' ? {} : parseRecord(text);
  lab.requests.push({ at_s: lab.clock.now_s(), transport: 'http', endpoint: path, parameter: body ?? {} });
  if (!(await replies(lab, dialect, { path, response }))) return;
  const call = `${request.method ?? 'GET'} ${path}`;
  const exchange = { body: body ?? {}, response, signal: endOf(lab, response) };
  const open = dialect.open[call];
  if (open !== undefined) return answer(lab, dialect, { exchange, route: open });
  if (!passesKey(lab, request)) {
    const { status, body: words } = dialect.unauthorized();
    return replyJson(response, status, words);
  }
  const route = dialect.routes[call];
  if (route === undefined) return dialect.unknown(response);
  if (body === null) {
    const { status, body: words } = dialect.refused(invalidRequest('the body is not JSON'));
    return replyJson(response, status, words);
  }
  await answer(lab, dialect, { exchange, route });
}

async function answer(
  lab: LabServer,
  dialect: Dialect,
  { exchange, route }: { readonly exchange: Exchange; readonly route: Route },
): Promise<void> {
  try {
    await route(lab, exchange);
  } catch (thrown) {
    const { status, body } = dialect.refused(asRefusal(thrown));
    replyJson(exchange.response, status, body);
  }
}

interface Asked {
  readonly path: string;
  readonly response: ServerResponse;
}

const PAGE = '<!doctype html><title>Sign in</title><p>This network wants you to sign in first.</p>';

/** False where a fault has replied in its own way, or never will. */
async function replies(lab: LabServer, dialect: Dialect, { path, response }: Asked): Promise<boolean> {
  const fault = replyFault(lab.faults, path);
  if (fault === null) return true;
  switch (fault.kind) {
    case 'never':
      return false;
    case 'slow':
      return reached(lab.clock, lab.clock.now_s() + (fault.delay_s ?? 0), endOf(lab, response));
    case 'html':
      replyText(response, 200, { type: 'text/html', text: PAGE });
      return false;
    case 'error-200':
      replyJson(response, 200, dialect.errorBody('something broke inside'));
      return false;
    case 'status':
      replyJson(response, fault.status ?? 500, dialect.errorBody(fault.message ?? 'something broke inside'));
      return false;
    case 'unknown-endpoint':
      dialect.unknown(response);
      return false;
  }
}
