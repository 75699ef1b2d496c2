import type { Clock } from '../../core/clock.ts';
import type { Seconds } from '../../core/units.ts';
import type { Answer, LabStopReason } from './answer.ts';
import { answerLengthOf, planAnswer } from './answer.ts';
import type { LabModel } from './catalog.ts';
import { draftedCourse, plainCourse } from './drafting.ts';
import { type Effort, effortOf } from './effort.ts';
import type { Instance } from './instance.ts';
import type { Work, WorkPower } from './power.ts';
import { NO_POWER } from './power.ts';
import type { DraftOutcome, PredictionEvent, PredictionOutcome } from './prediction.ts';
import { answerTokens, decodes, endsWithPass, promptProgress, reached } from './prediction.ts';
import type { TakenSlot } from './prompt-cache.ts';
import { invalidRequest } from './refusal.ts';
import { batchOf_tok, contextOf_tok } from './settings.ts';
import { tokensOf } from './tokens.ts';

/** Length of the answer to a question, in tokens; undefined leaves it to the model. */
export type AnswerTokens = (question: string, model: LabModel) => number | undefined;

/** What predictions share. */
export interface Machine {
  readonly clock: Clock;
  readonly power: WorkPower;
  readonly answerTokens: AnswerTokens | undefined;
}

export interface PredictionOrder {
  readonly instance: Instance;
  /** What the person asked last. */
  readonly question: string;
  /** What the model is given: the question with history and template. */
  readonly prompt: string;
  readonly maxOutput_tok: number | null;
  readonly stopStrings: readonly string[];
  /** False: a model that reasons is told not to. */
  readonly thinks: boolean;
  /** True: nothing of earlier prompts is reused. */
  readonly cold?: boolean;
  /** The model that drafts for this one; its first use by an instance loads it. */
  readonly draft?: LabModel;
  readonly signal: AbortSignal;
}

interface Course {
  readonly requested_s: Seconds;
  readonly prompt: readonly number[];
  readonly answer: Answer;
  readonly signal: AbortSignal;
  cached_tok: number;
  processed_tok: number;
  output_tok: number;
  draft_tok: number;
  accepted_tok: number;
  promptStart_s: Seconds | null;
  firstToken_s: Seconds | null;
  lastToken_s: Seconds | null;
  finished: boolean;
}

/**
 * One answer: prompt progress, tokens, and the outcome as the last event. Power has returned before the outcome is
 * told. @throws {Refusal} where the prompt does not fit the context.
 */
export async function* predict(machine: Machine, order: PredictionOrder): AsyncGenerator<PredictionEvent> {
  const course = plan(machine, order);
  const slot = await order.instance.takeSlot(course.prompt, course.signal);
  if (slot !== null) yield* work(machine, order, course, slot);
  order.instance.used(machine.clock);
  yield { type: 'end', outcome: outcomeOf(order, course, machine.clock.now_s()) };
}

function plan(machine: Machine, order: PredictionOrder): Course {
  const { model, settings } = order.instance.origin;
  const prompt = tokensOf(order.prompt);
  const room_tok = contextOf_tok(model, settings) - prompt.length;
  if (room_tok <= 0) {
    throw invalidRequest(
      'The number of tokens to keep from the initial prompt is greater than the context length. ' +
        'Try to load the model with a larger context length, or provide a shorter input',
    );
  }
  const said_tok =
    machine.answerTokens?.(order.question, model) ?? model.answer_tok ?? answerLengthOf(order.question);
  const reasoning_tok = order.thinks ? (model.reasoning_tok ?? 0) : 0;
  const length = { answer_tok: reasoning_tok + said_tok, reasoning_tok };
  return {
    requested_s: machine.clock.now_s(),
    prompt,
    answer: planAnswer(order.prompt, length, { ...order, room_tok }),
    signal: AbortSignal.any([order.signal, order.instance.unloaded]),
    cached_tok: 0,
    processed_tok: 0,
    output_tok: 0,
    draft_tok: 0,
    accepted_tok: 0,
    promptStart_s: null,
    firstToken_s: null,
    lastToken_s: null,
    finished: false,
  };
}

async function* work(
  machine: Machine,
  order: PredictionOrder,
  course: Course,
  slot: TakenSlot,
): AsyncGenerator<PredictionEvent> {
  const { instance } = order;
  const { model } = instance.origin;
  const id = Symbol('prediction');
  course.cached_tok = order.cold === true ? 0 : slot.cached_tok;
  instance.enter(id, 'processingPrompt');
  const effort = effortOf(model, instance.origin.settings);
  const load = machine.power.begin(NO_POWER);
  try {
    if (!(await draftReady(machine, order, course, load))) return;
    course.promptStart_s = machine.clock.now_s();
    load.change(effort.prefillPower);
    if (!(yield* prefill(machine, instance, course))) return;
    instance.enter(id, 'generating');
    yield* decode(machine, order, course, { load, effort });
  } finally {
    load.end();
    instance.enter(id, 'idle');
    instance.releaseSlot(slot, heldBy(course));
  }
}

async function* prefill(
  machine: Machine,
  instance: Instance,
  course: Course,
): AsyncGenerator<PredictionEvent, boolean> {
  const { model, settings } = instance.origin;
  const steps = promptProgress(
    { prompt_tok: course.prompt.length, cached_tok: course.cached_tok, batch_tok: batchOf_tok(settings) },
    { clock: machine.clock, rate_tokPerS: model.prefillTokPerS, signal: course.signal },
  );
  for await (const progress of steps) {
    course.processed_tok = progress.processed_tok;
    yield { type: 'prompt', progress };
  }
  return !course.signal.aborted;
}

async function* decode(
  machine: Machine,
  { draft }: PredictionOrder,
  course: Course,
  { effort, load }: { readonly effort: Effort; readonly load: Work },
): AsyncGenerator<PredictionEvent> {
  if (!decodes(course.answer)) load.end();
  else load.change(effort.decodePower);
  const texts = course.answer.tokens.map(({ text }) => text);
  const drafted =
    draft === undefined ? plainCourse(texts.length, effort) : draftedCourse(texts, effort, draft);
  const pace = { clock: machine.clock, offsets_s: drafted.offsets_s, signal: course.signal };
  for await (const token of answerTokens(course.answer, pace)) {
    const now_s = machine.clock.now_s();
    course.firstToken_s ??= now_s;
    course.lastToken_s = now_s;
    course.draft_tok = drafted.draft_tok[course.output_tok] ?? 0;
    course.accepted_tok = drafted.accepted_tok[course.output_tok] ?? 0;
    course.output_tok += 1;
    yield { type: 'token', token, index: course.output_tok - 1 };
  }
  course.finished = !course.signal.aborted;
}

/** Brings the small model into memory where this instance has not used it before; false when aborted meanwhile. */
async function draftReady(
  { clock }: Machine,
  { draft, instance }: PredictionOrder,
  { signal }: Course,
  load: Work,
): Promise<boolean> {
  if (draft === undefined || instance.drafts.has(draft.key)) return !signal.aborted;
  load.change(draft.loadPower);
  if (!(await reached(clock, clock.now_s() + draft.load_s, signal))) return false;
  instance.drafts.add(draft.key);
  return true;
}

/** What stays in the slot's cache: the prompt as far as it was processed, and what was said. */
function heldBy(course: Course): number[] {
  const prompt = course.prompt.slice(0, course.cached_tok + course.processed_tok);
  const said = course.answer.tokens.slice(0, course.output_tok).map((token) => token.text);
  return [...prompt, ...said.flatMap(tokensOf)];
}

function outcomeOf(order: PredictionOrder, course: Course, ended_s: Seconds): PredictionOutcome {
  const { answer } = course;
  const withPass = course.finished && endsWithPass(answer);
  return {
    stopReason: stopReasonOf(order, course),
    stopString: course.finished ? answer.stopString : null,
    prompt_tok: course.prompt.length,
    cached_tok: course.cached_tok,
    output_tok: course.output_tok,
    reasoning_tok: answer.tokens.slice(0, course.output_tok).filter((token) => token.sort === 'reasoning')
      .length,
    requested_s: course.requested_s,
    promptStart_s: course.promptStart_s,
    firstToken_s: course.firstToken_s,
    lastToken_s: course.lastToken_s,
    ended_s,
    draft: draftOf(order, course),
    passes: Math.max(0, course.output_tok - 1 + (withPass ? 1 : 0)),
    passesEnd_s: withPass ? ended_s : (course.lastToken_s ?? ended_s),
  };
}

function draftOf({ draft }: PredictionOrder, { accepted_tok, draft_tok }: Course): DraftOutcome | null {
  return draft === undefined ? null : { modelKey: draft.key, draft_tok, accepted_tok };
}

function stopReasonOf(order: PredictionOrder, course: Course): LabStopReason {
  if (course.finished) return course.answer.stopReason;
  return order.instance.unloaded.aborted ? 'modelUnloaded' : 'userStopped';
}
