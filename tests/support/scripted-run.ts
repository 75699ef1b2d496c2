import type {
  Backend,
  CompletionOptions,
  CompletionRequest,
  LoadedModel,
} from '../../src/backends/backend.ts';
import type { LmpowerError } from '../../src/core/errors.ts';
import type { Completion, RunState, TokenDelta, Trial, Workload } from '../../src/core/run.ts';
import type { Domain, Sample } from '../../src/core/sample.ts';
import type { RunRecorder } from '../../src/orchestrator/run-context.ts';
import type { RunSink } from '../../src/orchestrator/sink.ts';
import type { RecordingPart } from '../../src/storage/store.ts';
import type { ManualClock } from './manual-clock.ts';

/** How one request goes: answered after `duration_s`, or failed then, or refused before it is sent. */
export interface ScriptedAnswer {
  readonly duration_s?: number;
  readonly output_tok?: number;
  readonly error?: string;
  readonly throws?: Error;
}

export interface BackendScript {
  readonly loaded?: readonly LoadedModel[];
  /** One after the other; the last one for all that follow. */
  readonly answers?: readonly ScriptedAnswer[];
  readonly busy?: readonly (number | null | Error)[];
  readonly load_s?: number;
  readonly loadError?: Error;
  /** Keys of models that do not load; not given: all, where there is a `loadError`. */
  readonly failing?: readonly string[];
  readonly unloadError?: Error;
  /** A model that is loaded drives out the one before. */
  readonly keepsOne?: boolean;
  readonly unsupported?: readonly string[];
  /** From then on nobody answers. */
  readonly closesAt_s?: number;
  /** Until then; for ever where it is not given. */
  readonly opensAt_s?: number;
  /** Its times differ from the run's by so much. */
  readonly clockOffset_s?: number;
}

export interface ScriptedBackend extends Backend {
  readonly requests: CompletionRequest[];
}

export function scriptedModel(key: string, owned = false): LoadedModel {
  return { key, identifier: owned ? `lmpower-${key}` : key, owned, settings: [], model: null };
}

export function scriptedWorkload(prompts: number, nonce = false): Workload {
  return {
    id: 'scripted',
    version: 1,
    title: 'Scripted',
    identity: 'text',
    nonce,
    system: null,
    prompts: Array.from({ length: prompts }, (_, index) => ({
      id: `p${index}`,
      category: 'short',
      text: `Prompt ${index}?`,
      maxOutput_tok: 100,
    })),
    sha256: '0'.repeat(64),
  };
}

/** Writes what it is asked to the log, and takes the time that the script says on the manual clock. */
export function scriptedBackend(
  log: string[],
  clock: ManualClock,
  script: BackendScript = {},
): ScriptedBackend {
  let memory: LoadedModel[] = [...(script.loaded ?? [])];
  const answers = [...(script.answers ?? [{}])];
  const busy = [...(script.busy ?? [0])];
  const requests: CompletionRequest[] = [];
  const next = <T>(queue: T[]): T | undefined => (queue.length > 1 ? queue.shift() : queue[0]);
  return {
    id: 'scripted',
    title: 'Scripted',
    requests,
    probe: async () => ({
      state: isClosed(script, clock.now_s()) ? 'unreachable' : 'ready',
      url: null,
      version: '1',
      detail: '',
      remedy: null,
    }),
    models: async () => [],
    loaded: async () => memory,
    load: async (key, _settings, signal) => {
      log.push(`load ${key}`);
      await clock.sleep(script.load_s ?? 2, signal);
      const fails = script.failing?.includes(key) ?? true;
      if (script.loadError !== undefined && fails) throw script.loadError;
      const model = scriptedModel(key, true);
      memory = script.keepsOne === true ? [model] : [...memory, model];
      log.push(`loaded ${key}`);
      return model;
    },
    unload: async (model) => {
      log.push(`unload ${model.key}`);
      if (script.unloadError !== undefined) throw script.unloadError;
      memory = memory.filter(({ identifier }) => identifier !== model.identifier);
    },
    complete: async (request, options) => {
      requests.push(request);
      log.push(`complete ${request.prompt.id}`);
      const answer = next(answers) ?? {};
      if (answer.throws !== undefined) throw answer.throws;
      if (answer.error === 'MODEL_UNLOADED') memory = [];
      const completion = await completionOf(clock, answer, { request, options });
      const offset_s = script.clockOffset_s ?? 0;
      return {
        ...completion,
        requested_s: completion.requested_s + offset_s,
        ended_s: completion.ended_s + offset_s,
      };
    },
    unsupported: () => [...(script.unsupported ?? [])],
    busy: async () => {
      log.push('busy?');
      const count = next(busy) ?? null;
      if (count instanceof Error) throw count;
      return count;
    },
    close: async () => undefined,
  };
}

function isClosed({ closesAt_s, opensAt_s }: BackendScript, now_s: number): boolean {
  return now_s >= (closesAt_s ?? Number.POSITIVE_INFINITY) && now_s < (opensAt_s ?? Number.POSITIVE_INFINITY);
}

async function completionOf(
  clock: ManualClock,
  answer: ScriptedAnswer,
  { request, options }: { request: CompletionRequest; options: CompletionOptions },
): Promise<Completion> {
  const requested_s = clock.now_s();
  const duration_s = answer.duration_s ?? 4;
  const tokens: TokenDelta[] = [];
  try {
    for (let step = 0; step < 4; step++) {
      await clock.sleep(duration_s / 4, options.signal);
      const delta = {
        arrival_s: clock.now_s(),
        count_tok: (answer.output_tok ?? 40) / 4,
        sort: 'content',
      } as const;
      tokens.push(delta);
      options.onToken?.(delta);
    }
  } catch (reason) {
    if (!options.signal.aborted) throw reason;
  }
  const cancelled = options.signal.aborted;
  return {
    promptId: request.prompt.id,
    requested_s,
    promptStart_s: null,
    promptEnd_s: null,
    tokens,
    firstToken_s: tokens[0]?.arrival_s ?? null,
    lastToken_s: tokens.at(-1)?.arrival_s ?? null,
    ended_s: clock.now_s(),
    input_tok: 5,
    cached_tok: null,
    output_tok: answer.error === undefined ? (answer.output_tok ?? 40) : null,
    reasoning_tok: null,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: 'sdk',
    stopReason: cancelled ? 'cancelled' : answer.error === undefined ? 'eos' : 'failed',
    text: 'scripted',
    serverStatistics: {},
    error: answer.error === undefined ? null : { code: answer.error, message: `scripted ${answer.error}` },
  };
}

export const SOC: Domain = {
  id: 'soc',
  label: 'SoC',
  parent: null,
  scope: 'scripted',
  source: 'scripted',
  kind: 'mean',
  rank: 1,
  quantum_J: 1e-3,
  rails: 1,
  minPower_W: 0,
  maxPower_W: 100,
  misalignment_s: 0,
  averaging_s: null,
  systematicRatio: null,
};

export interface RecorderScript {
  readonly interval_s?: number;
  /** Power of the reading that ends at that time. */
  readonly power_W?: (at_s: number) => number;
  readonly startError?: Error;
  /** No reading after this time. */
  readonly dies_s?: number;
  /** Nothing is metered at all. */
  readonly none?: boolean;
}

/** A meter that gives one exact reading each interval of the manual clock, from when it is started. */
export function scriptedRecorder(
  log: string[],
  clock: ManualClock,
  script: RecorderScript = {},
): RunRecorder {
  const interval_s = script.interval_s ?? 0.5;
  const power_W = script.power_W ?? ((): number => 5);
  let started_s: number | null = null;
  let drained_s = 0;
  const newest_s = (): number =>
    Math.floor(Math.min(clock.now_s(), script.dies_s ?? Number.POSITIVE_INFINITY) / interval_s) * interval_s;
  return {
    start: async (signal) => {
      log.push('meter starts');
      if (script.startError !== undefined) throw script.startError;
      await clock.sleep(interval_s, signal).catch(() => undefined);
      started_s = clock.now_s();
      drained_s = newest_s();
    },
    stop: async () => {
      log.push('meter stops');
    },
    domains: () => (script.none === true ? [] : [SOC]),
    latest: () =>
      script.none === true || started_s === null
        ? []
        : [
            {
              domain: 'soc',
              power_W: power_W(newest_s()),
              start_s: newest_s() - interval_s,
              at_s: newest_s(),
            },
          ],
    meanPower_W: (_domain, last_s) => {
      const count = Math.max(1, Math.round(last_s / interval_s));
      const ends_s = Array.from({ length: count }, (_, back) => newest_s() - back * interval_s);
      return ends_s.reduce((sum_W, end_s) => sum_W + power_W(end_s), 0) / count;
    },
    drain: () => {
      const samples: Sample[] = [];
      for (
        let end_s = drained_s + interval_s;
        started_s !== null && end_s <= newest_s() + 1e-9;
        end_s += interval_s
      ) {
        const energy_J = power_W(end_s) * interval_s;
        samples.push({ domain: 'soc', start_s: end_s - interval_s, end_s, energy_J, kind: 'mean' });
        drained_s = end_s;
      }
      return { samples, observations: [], events: [], domains: [] };
    },
  };
}

export interface ScriptedSink extends RunSink {
  readonly parts: RecordingPart[];
  /** When each part was appended. */
  readonly at_s: number[];
  readonly states: RunState[];
  trials(): Trial[];
}

export function scriptedSink(log: string[], clock: ManualClock, fail?: LmpowerError): ScriptedSink {
  const parts: RecordingPart[] = [];
  const at_s: number[] = [];
  const states: RunState[] = [];
  return {
    parts,
    at_s,
    states,
    append: (part) => {
      log.push('append');
      if (fail !== undefined) throw fail;
      parts.push(part);
      at_s.push(clock.now_s());
    },
    finish: (state) => {
      log.push(`finish ${state}`);
      states.push(state);
    },
    trials: () => parts.flatMap(({ trials }) => trials ?? []),
  };
}
