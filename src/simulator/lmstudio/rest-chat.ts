import { answerEvents, questionOf } from './chat.ts';
import type { JitInstance } from './jit.ts';
import { JIT_TTL_S, loadJustInTime } from './jit.ts';
import type { LabServer } from './lab.ts';
import { Refusal } from './refusal.ts';
import type { ChatRequest } from './rest-request.ts';
import { parseChatRequest } from './rest-request.ts';
import type { ChatSink } from './rest-sink.ts';
import { bodySink, eventSink } from './rest-sink.ts';
import type { Exchange } from './route.ts';
import { applyTemplate } from './tokens.ts';

/** `POST /api/v1/chat`, streamed or not. */
export async function chat(lab: LabServer, exchange: Exchange): Promise<void> {
  const request = parseChatRequest(lab, exchange.body);
  lab.engine.instanceOf(request.model) ?? lab.engine.find(request.model);
  const sink = request.stream ? eventSink(exchange.response) : bodySink(exchange.response);
  try {
    await serve(lab, exchange, { request, sink });
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    sink.fail(thrown);
  }
}

interface Served {
  readonly request: ChatRequest;
  readonly sink: ChatSink;
}

async function serve(
  lab: LabServer,
  { response, signal }: Exchange,
  { request, sink }: Served,
): Promise<void> {
  const ready = await ensureLoaded(lab, signal, { request, sink });
  if (ready === null) return;
  const order = {
    instance: ready.instance,
    question: questionOf(request.messages),
    prompt: applyTemplate(request.messages),
    maxOutput_tok: request.maxOutput_tok,
    stopStrings: [],
    thinks: request.thinks,
    signal,
  };
  const { toolCall } = ready.instance.origin.model;
  const line = { drop: () => response.destroy(), garbage: () => sink.garbage() };
  for await (const event of answerEvents(lab, order, line)) {
    if (event.type === 'truncated') return sink.cut();
    if (event.type === 'prompt') {
      sink.prompt(event.progress);
      if (event.progress.left_tok === 0 && toolCall !== undefined && request.provider !== null) {
        sink.tool(toolCall, request.provider);
      }
    } else if (event.type === 'token') sink.token(event.token, isBad(lab, event.index));
    else sink.end(event.outcome, { load_s: ready.load_s, responseId: remember(lab, request, sink.text()) });
  }
}

async function ensureLoaded(
  lab: LabServer,
  signal: AbortSignal,
  { request, sink }: Served,
): Promise<JitInstance | null> {
  const present = lab.engine.instanceOf(request.model);
  sink.start(present?.origin.identifier ?? request.model);
  return loadJustInTime(lab, {
    key: request.model,
    requested: request.requested,
    ttl_s: JIT_TTL_S,
    signal,
    onStart: () => sink.loadStart(),
    onProgress: (progress) => sink.loadProgress(progress),
  }).then((ready) => {
    if (ready !== null && ready.load_s !== null) sink.loadEnd(ready.load_s);
    return ready;
  });
}

function isBad({ faults }: LabServer, index: number): boolean {
  return faults.stream?.kind === 'bad-fragment' && faults.stream.after_tok === index;
}

/** Id under which the exchange can be gone on with; null where it was not to be stored. */
function remember(lab: LabServer, request: ChatRequest, text: string): string | null {
  if (!request.store) return null;
  const id = `resp_${(lab.responses.size + 1).toString(16).padStart(48, '0')}`;
  lab.responses.set(id, [...request.messages, { role: 'assistant', text }]);
  return id;
}
