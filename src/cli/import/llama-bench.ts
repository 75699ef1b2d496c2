import { posix, win32 } from 'node:path';
import { grouped } from '../../core/grouped.ts';
import type { LlamaBenchTest } from '../../core/schemas/foreign.ts';
import { S_PER_NS, type Seconds } from '../../core/units.ts';
import type { Prompt } from '../../core/workload.ts';
import { canonicalJson } from '../../orchestrator/canonical-json.ts';
import { completionOf, type ForeignRun, inferenceOf, numbered, settingsOf } from './imported-run.ts';
import { utcLabel } from './utc-label.ts';

export const LLAMA_BENCH_PROGRAM = 'llama-bench';

/** What tells one test or its result from another; all else is the configuration. */
const OF_ONE_TEST = [
  'n_prompt',
  'n_gen',
  'n_depth',
  'test_time',
  'avg_ns',
  'stddev_ns',
  'avg_ts',
  'stddev_ts',
  'samples_ns',
  'samples_ts',
];
const NAMED = ['build_commit', 'build_number', 'cpu_info', 'gpu_info', 'backends', 'model_filename'];

/**
 * Results of llama-bench: one run for each configuration, one trial for each timed repetition. Its prompts are tokens
 * drawn at random, so speeds can be compared with those of the same lengths alone; it reads no meter.
 */
export function llamaBenchRuns(tests: readonly LlamaBenchTest[]): ForeignRun[] {
  const groups = grouped(tests, (test) => canonicalJson(configurationOf(test)));
  return [...groups.values()].map(runOf);
}

function configurationOf(test: LlamaBenchTest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(test).filter(([name]) => !OF_ONE_TEST.includes(name)));
}

function runOf(tests: readonly LlamaBenchTest[]): ForeignRun {
  const [first] = tests;
  const configuration = first === undefined ? {} : configurationOf(first);
  const names = Object.keys(configuration).filter((name) => !NAMED.includes(name));
  const starts = tests.map(({ test_time }) => utcLabel(test_time)).sort();
  return {
    program: LLAMA_BENCH_PROGRAM,
    startedAt: starts[0] ?? utcLabel(''),
    backend: 'llama.cpp',
    prompts: [...new Map(tests.map((test) => [testId(test), promptOf(test)])).values()],
    trials: numbered([...trialsOf(tests)], LLAMA_BENCH_PROGRAM),
    environment: {
      chip: first?.cpu_info ?? null,
      backendVersion: first === undefined ? null : `b${first.build_number} (${first.build_commit})`,
      engine: [first?.backends, first?.gpu_info].filter(Boolean).join(' · ') || null,
      settings: settingsOf(configuration, names, 'effective'),
    },
  };
}

/** Repetitions one after the other: the file has their lengths, not their times. */
function* trialsOf(tests: readonly LlamaBenchTest[]): Generator<Parameters<typeof numbered>[0][number]> {
  let from_s: Seconds = 0;
  for (const test of tests) {
    for (const duration_ns of test.samples_ns) {
      const ended_s = from_s + duration_ns * S_PER_NS;
      const completion = completionOf({
        promptId: testId(test),
        requested_s: from_s,
        ended_s,
        input_tok: test.n_prompt,
        output_tok: test.n_gen,
        isPrefill: test.n_gen === 0,
        statistics: { samples_ns: duration_ns, test_time: test.test_time },
      });
      yield {
        model: fileName(test.model_filename),
        category: categoryOf(test),
        phases: inferenceOf(completion),
        completion,
      };
      from_s = ended_s;
    }
  }
}

/** As llama-bench names its tests: `pp512`, `tg128`, `pp512+tg128`, `tg128@d4096`. */
function testId({ n_depth, n_gen, n_prompt }: LlamaBenchTest): string {
  const parts = [...(n_prompt > 0 ? [`pp${n_prompt}`] : []), ...(n_gen > 0 ? [`tg${n_gen}`] : [])];
  return `${parts.join('+') || 'nothing'}${n_depth > 0 ? `@d${n_depth}` : ''}`;
}

function categoryOf({ n_gen, n_prompt }: LlamaBenchTest): string {
  if (n_gen === 0) return 'prefill';
  return n_prompt === 0 ? 'decode' : 'both';
}

function promptOf(test: LlamaBenchTest): Prompt {
  const { n_gen, n_prompt } = test;
  const generate = { input_tok: n_prompt, output_tok: n_gen };
  return { id: testId(test), category: categoryOf(test), text: '', maxOutput_tok: n_gen, generate };
}

/** Folders are nobody's business; the file may come from a machine with other separators. */
function fileName(path: string): string {
  return posix.basename(win32.basename(path));
}
