import type { AnswerToken } from './answer.ts';
import type { ChannelCall, ChannelEnd } from './channel.ts';
import { answerEvents, messagesOf, questionOf } from './chat.ts';
import type { Instance } from './instance.ts';
import type { JsonRecord } from './json.ts';
import { recordAt, textAt } from './json.ts';
import type { LabServer } from './lab.ts';
import type { PredictionOrder } from './predict.ts';
import type { PredictionOutcome } from './prediction.ts';
import type { Settings } from './settings.ts';
import {
  fieldsOf,
  maxOutputOf_tok,
  PREDICTION_DEFAULTS,
  settingsOfStack,
  stopStringsOf,
} from './settings.ts';
import { instanceShape, progressShape, statsShape } from './shapes.ts';
import { instanceFor } from './specifier.ts';
import { applyTemplate } from './tokens.ts';

interface Asked {
  readonly question: string;
  readonly prompt: string;
}

/** `model.respond()`. */
export function predictChat(lab: LabServer, call: ChannelCall): Promise<ChannelEnd> {
  const messages = messagesOf(recordAt(call.parameter, 'history'));
  return predictOn(lab, call, { question: questionOf(messages), prompt: applyTemplate(messages) });
}

/** `model.complete()`: no template. */
export function completeRawText(lab: LabServer, call: ChannelCall): Promise<ChannelEnd> {
  const prompt = textAt(call.parameter, 'rawPrompt') ?? '';
  return predictOn(lab, call, { question: prompt, prompt });
}

async function predictOn(lab: LabServer, call: ChannelCall, asked: Asked): Promise<ChannelEnd> {
  const instance = instanceFor(lab.engine, recordAt(call.parameter, 'modelSpecifier'), 'llm');
  const requested = settingsOfStack(recordAt(call.parameter, 'predictionConfigStack'));
  const settings = { ...PREDICTION_DEFAULTS, ...requested };
  const events = answerEvents(
    lab,
    {
      ...asked,
      instance,
      maxOutput_tok: maxOutputOf_tok(settings),
      stopStrings: stopStringsOf(settings),
      ...draftOf(lab, settings),
      thinks: settings['llm.prediction.reasoning.enableThinking'] !== false,
      signal: call.signal,
    },
    call,
  );
  for await (const event of events) {
    if (event.type === 'truncated') return 'close';
    if (event.type === 'prompt') call.send(progressShape(event.progress, lab.faults));
    else if (event.type === 'token') call.send(fragmentMessage(event.token, isBad(lab, event.index)));
    else return finish(lab, call, { instance, settings, outcome: event.outcome });
  }
  return 'close';
}

/** @throws {Refusal} where there is no model of that key */
function draftOf({ engine }: LabServer, settings: Settings): Pick<PredictionOrder, 'draft'> {
  const key = textAt(settings, 'llm.prediction.speculativeDecoding.draftModel') ?? '';
  return key === '' ? {} : { draft: engine.find(key) };
}

function isBad({ faults }: LabServer, index: number): boolean {
  return faults.stream?.kind === 'bad-fragment' && faults.stream.after_tok === index;
}

function fragmentMessage(token: AnswerToken, bad: boolean): JsonRecord {
  const fragment = {
    content: token.text,
    tokensCount: 1,
    containsDrafted: false,
    reasoningType: token.sort === 'reasoning' ? 'reasoning' : 'none',
  };
  return { type: 'fragment', fragment: bad ? fragment : { ...fragment, isStructural: false } };
}

interface Ending {
  readonly instance: Instance;
  readonly settings: Settings;
  readonly outcome: PredictionOutcome;
}

function finish(lab: LabServer, call: ChannelCall, { instance, settings, outcome }: Ending): ChannelEnd {
  const { ending } = lab.faults;
  if (ending === 'no-success') return 'close';
  const stats = statsShape(outcome);
  call.send({
    type: 'success',
    stats: {
      ...stats,
      ...(ending === 'null-rate' ? { tokensPerSecond: null } : {}),
      ...(ending === 'unknown-stop' ? { stopReason: 'becauseIFeltLikeIt' } : {}),
    },
    modelInfo: instanceShape(instance, lab.faults),
    loadModelConfig: fieldsOf(instance.origin.settings),
    predictionConfig: fieldsOf(settings),
  });
  return ending === 'no-close' ? 'open' : 'close';
}
