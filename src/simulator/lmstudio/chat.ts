import type { StreamFault } from './faults.ts';
import type { Instance } from './instance.ts';
import type { JsonRecord } from './json.ts';
import { recordsAt, textAt } from './json.ts';
import type { LabServer } from './lab.ts';
import { aborted } from './lab.ts';
import type { PredictionOrder } from './predict.ts';
import { predict } from './predict.ts';
import type { PredictionEvent } from './prediction.ts';
import { engineFailed, modelUnloaded } from './refusal.ts';
import { statsShape } from './shapes.ts';
import type { ChatMessage } from './tokens.ts';

/** Messages of the SDK's chat history; files and tool results carry no text. */
export function messagesOf(history: JsonRecord): ChatMessage[] {
  return recordsAt(history, 'messages').map((message) => ({
    role: textAt(message, 'role') ?? 'user',
    text: recordsAt(message, 'content')
      .map((part) => textAt(part, 'text') ?? '')
      .join(''),
  }));
}

/** Messages of an OpenAI body: content is text, or a list of parts. */
export function openAiMessagesOf(body: JsonRecord): ChatMessage[] {
  return recordsAt(body, 'messages').map((message) => ({
    role: textAt(message, 'role') ?? 'user',
    text: textAt(message, 'content') ?? textOfParts(message),
  }));
}

function textOfParts(message: JsonRecord): string {
  return recordsAt(message, 'content')
    .map((part) => textAt(part, 'text') ?? '')
    .join('');
}

/** What the person asked last. */
export function questionOf(messages: readonly ChatMessage[]): string {
  return messages.findLast((message) => message.role === 'user')?.text ?? '';
}

/** Transport's part in a fault: cut the connection, or say something that nobody can read. */
export interface FaultyLine {
  readonly drop: () => void;
  readonly garbage: () => void;
}

export type LabAnswerEvent = PredictionEvent | { readonly type: 'truncated' };

/**
 * The engine's events, suffering the stream fault of the moment; logged and noted. After `truncated` nothing follows:
 * the transport ends without its closing message.
 * @throws {Refusal} as the engine and the fault demand
 */
export async function* answerEvents(
  lab: LabServer,
  order: PredictionOrder,
  line: FaultyLine,
): AsyncGenerator<LabAnswerEvent> {
  evictBefore(lab, order.instance);
  note(lab, { type: 'llm.prediction.input', input: order.prompt, ...namesOf(order.instance) });
  for await (const event of predict(lab.engine.machine, order)) {
    if (event.type === 'end') noteEnd(lab, order.instance, event);
    yield event;
    const fault = dueFault(lab, event);
    if (fault !== null && (await suffer(fault, { lab, order, line }))) {
      yield { type: 'truncated' };
      return;
    }
  }
}

/** True where the answer ends here. */
async function suffer(
  fault: StreamFault,
  {
    lab,
    order,
    line,
  }: { readonly lab: LabServer; readonly order: PredictionOrder; readonly line: FaultyLine },
): Promise<boolean> {
  switch (fault.kind) {
    case 'drop':
      line.drop();
      return true;
    case 'truncate':
      return true;
    case 'stall':
      await aborted(AbortSignal.any([order.signal, order.instance.unloaded]));
      return true;
    case 'evict':
      lab.engine.remove(order.instance);
      return false;
    case 'evict-error':
      lab.engine.remove(order.instance);
      throw modelUnloaded();
    case 'error':
      throw engineFailed('The model has crashed without additional information. (Exit code: 6)', 'SIGABRT');
    case 'garbage':
      line.garbage();
      return false;
    case 'bad-fragment':
      return false;
  }
}

/** The fault that strikes after this event, counted down where it is limited. */
function dueFault(lab: LabServer, event: PredictionEvent): StreamFault | null {
  const fault = lab.faults.stream;
  if (fault === null || fault.kind === 'bad-fragment' || sentBy(event) !== fault.after_tok) return null;
  if (fault.times !== undefined) {
    lab.faults.stream = fault.times > 1 ? { ...fault, times: fault.times - 1 } : null;
  }
  return fault;
}

/** Tokens sent once this event was; null where it is not one to strike after. */
function sentBy(event: PredictionEvent): number | null {
  if (event.type === 'token') return event.index + 1;
  return event.type === 'prompt' && event.progress.left_tok === 0 ? 0 : null;
}

function evictBefore(lab: LabServer, instance: Instance): void {
  if (!lab.faults.evictBeforePredict) return;
  lab.faults.evictBeforePredict = false;
  lab.engine.remove(instance);
  throw modelUnloaded();
}

function noteEnd(
  lab: LabServer,
  instance: Instance,
  event: PredictionEvent & { readonly type: 'end' },
): void {
  const { model, identifier } = instance.origin;
  lab.answers.push({ ...event.outcome, modelKey: model.key, identifier });
  note(lab, {
    type: 'llm.prediction.output',
    output: '',
    stats: statsShape(event.outcome),
    modelIdentifier: identifier,
  });
}

function namesOf({ origin }: Instance): JsonRecord {
  return { modelPath: origin.model.path, modelIdentifier: origin.identifier };
}

function note(lab: LabServer, log: JsonRecord & { readonly type: string }): void {
  for (const listener of lab.logListeners) listener(log);
}
