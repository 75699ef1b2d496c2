import { describe, expect, test } from 'vitest';
import type { RunningProgram } from '../../samplers/environment/other-meters.ts';
import { analyze } from '../../src/analyzer/analyze.ts';
import { secondSamplers } from '../../src/cli/second-samplers.ts';
import { eagerClock } from '../support/eager-clock.ts';
import { plainSeries, plainSession } from '../support/plain-session.ts';
import { domainOf } from '../support/recording.ts';

const SELF = 500;
const loop = (pid: number, parent = 1): RunningProgram => ({ pid, parent, names: ['nvidia-smi'] });

/** What is found where the processes are these, and a moment later those. */
function found(first: readonly RunningProgram[], later = first, samplers = [{ id: 'nvidia-smi' }]) {
  const looks = [first, later];
  return secondSamplers({
    samplers,
    clock: eagerClock(10),
    interval_ms: 500,
    self: SELF,
    running: async () => looks.shift() ?? [],
  });
}

describe('secondSamplers', () => {
  test('a loop of somebody else is told, on the clock of the run', async () => {
    expect(await found([loop(901)])).toEqual([
      {
        code: 'SECOND_SAMPLER',
        source: 'nvidia-smi',
        at_s: 11,
        domain: null,
        detail: 'another nvidia-smi runs (process 901)',
      },
    ]);
  });

  test('a single query that is over a moment later is none, nor is our own meter', async () => {
    expect(await found([loop(901)], [loop(902)])).toEqual([]);
    expect(await found([loop(501, SELF)])).toEqual([]);
  });

  test('a replay, or invented power, has no second reader', async () => {
    const replay = { id: 'replay:nvidia-smi', finite: true };
    expect(await found([loop(901)], undefined, [replay])).toEqual([]);
    expect(await found([loop(901)], undefined, [{ id: 'nvidia-smi' }, { id: 'synthetic' }])).toEqual([]);
  });

  test('puts its code on the rows of its source, and on no other', async () => {
    const board = domainOf({ id: 'gpu:0', source: 'nvidia-smi', rank: 0 });
    const document = analyze(
      plainSession({
        series: [plainSeries(), plainSeries(undefined, 'gpu:0')],
        recording: { domains: [domainOf(), board], events: await found([loop(901)]) },
      }),
    );
    const codes = new Map(document.trials[0]?.energy.map((row) => [row.domain, row.codes]));
    expect(codes.get('gpu:0')).toContain('SECOND_SAMPLER');
    expect(codes.get('soc')).not.toContain('SECOND_SAMPLER');
    expect(document.warnings.map(({ code }) => code)).toContain('SECOND_SAMPLER');
  });
});
