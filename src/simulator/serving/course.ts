import type { ServerResponse } from 'node:http';
import type { Seconds } from '../../core/units.ts';
import type { AnswerToken } from '../lmstudio/answer.ts';
import { answerEvents, openAiMessagesOf, questionOf } from '../lmstudio/chat.ts';
import type { Instance } from '../lmstudio/instance.ts';
import type { JsonRecord } from '../lmstudio/json.ts';
import type { LabServer } from '../lmstudio/lab.ts';
import type { PredictionOrder } from '../lmstudio/predict.ts';
import type { PredictionOutcome, PromptProgress } from '../lmstudio/prediction.ts';
import { missingParameter, Refusal } from '../lmstudio/refusal.ts';
import type { Exchange } from '../lmstudio/route.ts';
import { applyTemplate } from '../lmstudio/tokens.ts';

/** Where an answer stands at this moment; times are the server's own. */
export interface Course {
  readonly promptStart_s: Seconds | null;
  readonly firstToken_s: Seconds | null;
  readonly now_s: Seconds;
  readonly output_tok: number;
  readonly progress: PromptProgress;
}

/** Puts an answer on the wire in one dialect. */
export interface AnswerWriter {
  prompt(course: Course): void;
  token(token: AnswerToken, course: Course): void;
  end(outcome: PredictionOutcome, course: Course): void;
  /** In the middle of a stream, where no status can tell of it any more. */
  fail(refusal: Refusal): void;
  garbage(): void;
}

export interface ChatOrder {
  readonly instance: Instance;
  readonly maxOutput_tok: number | null;
  readonly cold: boolean;
}

/** The order that a body of messages makes. @throws {Refusal} without messages */
function predictionOf({ body, signal }: Exchange, order: ChatOrder): PredictionOrder {
  const messages = openAiMessagesOf(body);
  if (messages.length === 0) throw missingParameter('messages');
  return {
    ...order,
    question: questionOf(messages),
    prompt: applyTemplate(messages),
    stopStrings: stopsOf(body),
    thinks: true,
    signal,
  };
}

function stopsOf(body: JsonRecord): string[] {
  const stop = body['stop'];
  if (typeof stop === 'string') return [stop];
  return Array.isArray(stop) ? stop.filter((text) => typeof text === 'string') : [];
}

/** One answer from the shared engine, told to `writer` as it comes. @throws {Refusal} what can still be told by a status */
export async function serveChat(
  lab: LabServer,
  exchange: Exchange,
  { order, writer }: { readonly order: ChatOrder; readonly writer: AnswerWriter },
): Promise<void> {
  const { response } = exchange;
  const line = { drop: () => response.destroy(), garbage: () => writer.garbage() };
  const course = { promptStart_s: null, firstToken_s: null, now_s: 0, output_tok: 0, progress: NO_PROGRESS };
  try {
    await tell(lab, writer, {
      response,
      course,
      events: answerEvents(lab, predictionOf(exchange, order), line),
    });
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || !response.headersSent) throw thrown;
    writer.fail(thrown);
  }
}

const NO_PROGRESS: PromptProgress = { cached_tok: 0, processed_tok: 0, left_tok: 0 };

interface Telling {
  readonly response: ServerResponse;
  readonly course: { -readonly [Key in keyof Course]: Course[Key] };
  readonly events: ReturnType<typeof answerEvents>;
}

async function tell(
  lab: LabServer,
  writer: AnswerWriter,
  { response, course, events }: Telling,
): Promise<void> {
  for await (const event of events) {
    course.now_s = lab.clock.now_s();
    switch (event.type) {
      case 'truncated':
        response.end();
        return;
      case 'prompt':
        course.promptStart_s ??= course.now_s;
        course.progress = event.progress;
        writer.prompt(course);
        break;
      case 'token':
        course.firstToken_s ??= course.now_s;
        course.output_tok = event.index + 1;
        writer.token(event.token, course);
        break;
      case 'end':
        writer.end(event.outcome, course);
        break;
    }
  }
}
