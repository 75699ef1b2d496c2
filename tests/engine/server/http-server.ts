import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type ChunkHead,
  finishChunk,
  firstChunk,
  metricsOf,
  modelList,
  progressChunk,
  propsOf,
  slotsOf,
  textChunk,
  usageChunk,
} from './chunks.ts';
import type { Engine } from './engine.ts';
import type { Step } from './order.ts';
import { type ChatRequest, Refusal, readRequest } from './request.ts';

const LARGEST_BODY_B = 16 * 2 ** 20;

export interface ServerOptions {
  /** Of requests that do not say. */
  readonly cachePrompt: boolean;
}

/** llama-server's form of the OpenAI-compatible API, as far as a stream of chat needs it. */
export function createChatServer(engine: Engine, { cachePrompt }: ServerOptions): Server {
  return createServer((request, response) => {
    route(engine, { request, response, cachePrompt }).catch((thrown: unknown) => refuse(response, thrown));
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly cachePrompt: boolean;
}

async function route(engine: Engine, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const path = (request.url ?? '').split('?')[0];
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      return sendJson(response, 200, { status: 'ok' });
    case 'GET /v1/models':
      return sendJson(response, 200, modelList(engine.models));
    case 'GET /props':
      return sendJson(response, 200, propsOf(engine.models, engine.build));
    case 'GET /slots':
      return sendJson(response, 200, slotsOf(engine.work()));
    case 'GET /metrics':
      response.writeHead(200, { 'content-type': 'text/plain' }).end(metricsOf(engine.work()));
      return;
    case 'POST /v1/chat/completions':
      return chat(engine, exchange);
    default:
      throw new Refusal(404, 'File Not Found');
  }
}

async function chat(engine: Engine, { cachePrompt, request, response }: Exchange): Promise<void> {
  const asked = readRequest(await bodyOf(request), cachePrompt);
  checkFits(engine, asked);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const head = { id: `chatcmpl-${randomUUID()}`, model: asked.order.model, created: unixTime_s() };
  const last = await streamTokens(engine, { asked, head, response, signal: gone.signal });
  if (gone.signal.aborted || last === null) return;
  send(response, finishChunk(head, last.predicted_tok >= asked.order.limit_tok ? 'length' : 'stop'));
  if (asked.withUsage) send(response, usageChunk(head, last));
  response.end('data: [DONE]\n\n');
}

interface Streaming {
  readonly asked: ChatRequest;
  readonly head: ChunkHead;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

/** The status is sent at once, as llama-server does; the first chunk with the first token. */
async function streamTokens(
  engine: Engine,
  { asked, head, response, signal }: Streaming,
): Promise<Step | null> {
  let last: Step | null = null;
  response.socket?.setNoDelay(true);
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  for await (const step of engine.answer(asked.order, signal)) {
    if (step.kind === 'prompt') {
      if (asked.withProgress) send(response, progressChunk(head, step));
      continue;
    }
    if (last === null) send(response, firstChunk(head));
    send(response, textChunk(head, step, asked.timingsPerToken));
    last = step;
  }
  return last;
}

/** @throws {Refusal} */
function checkFits(engine: Engine, { order }: ChatRequest): void {
  const model = engine.models.find(({ name }) => name === order.model);
  if (model === undefined) throw new Refusal(404, `model '${order.model}' not found`);
  const prompt_tok = model.countPrompt(order.messages);
  if (prompt_tok + order.limit_tok > model.context_tok)
    throw new Refusal(
      400,
      `the request exceeds the available context size: ${prompt_tok} + ${order.limit_tok} > ${model.context_tok} tokens`,
    );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length_B = 0;
  for await (const part of request) {
    length_B += part.length;
    if (length_B > LARGEST_BODY_B) throw new Refusal(413, 'the body is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function send(response: ServerResponse, chunk: object): void {
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Before the first byte as a status; after it as an error chunk, as llama-server does. */
function refuse(response: ServerResponse, thrown: unknown): void {
  if (response.destroyed) return;
  const status = thrown instanceof Refusal ? thrown.status : 500;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const error = { code: status, message, type: status < 500 ? 'invalid_request_error' : 'server_error' };
  if (response.headersSent) {
    send(response, { error });
    response.end();
  } else sendJson(response, status, { error });
}

function unixTime_s(): number {
  return Math.floor(Date.now() / 1000);
}
