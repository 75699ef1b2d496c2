import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLERS } from '../../samplers/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createPhysics } from '../../src/simulator/physics.ts';
import { PowerSteps } from '../../src/simulator/power-step.ts';
import { keepSysfs } from '../../src/simulator/stand-in-sysfs.ts';
import { toolLeading } from '../../src/simulator/stand-in-tool.ts';
import { serveSteps } from '../../src/simulator/step-feed.ts';
import { capturesIn, nameOf } from '../support/captures.ts';
import { type CliEnd, cli } from '../support/cli.ts';
import { scriptFolder } from '../support/scripts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'tests/fixtures');
const LONG_MS = 120_000;
/** Steady, without noise or leakage: every reading is this. */
const GPU_W = 20;
const CPU_W = 3;

const LATE = /did not answer (?:in time|within)/;

/** How a recording is refused by name. */
const REFUSED = /cannot be replayed|holds no reading of/;

const tools = scriptFolder();
afterAll(() => tools.remove());

interface Line {
  readonly domain: string;
  readonly start_s: number;
  readonly end_s: number;
  readonly energy_J: number;
  readonly kind: string;
}

/** What the doctor says of a source. */
interface Told {
  readonly id: string;
  readonly state: string;
  readonly detail: string;
  readonly remedy: string | null;
}

const linesOf = ({ stdout }: CliEnd): Line[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Line => JSON.parse(line));

const powerOf = (lines: readonly Line[]): number =>
  lines.reduce((sum_J, one) => sum_J + one.energy_J, 0) /
  lines.reduce((sum_s, one) => sum_s + one.end_s - one.start_s, 0);

describe('sources of the lab, on PATH and in place of /sys', () => {
  const settings = {
    seed: 1,
    idle_W: { cpu: 0, gpu: 0, ane: 0 },
    lag_s: 0,
    leakage: { ratio: 0, time_s: 45 },
    noise: { deviationRatio: 0, correlation_s: 0.1, cell_s: 0.02 },
  };
  const over = new AbortController();
  const closing: (() => Promise<unknown>)[] = [];
  let env: NodeJS.ProcessEnv = {};

  beforeAll(async () => {
    const root = join(tools.path, 'sys');
    const origin_s = systemClock.now_s() - 10;
    const steps = new PowerSteps();
    const physics = createPhysics(settings);
    steps.subscribe(physics.apply);
    steps.append({ at_s: origin_s, cpu_W: CPU_W, gpu_W: GPU_W, ane_W: 0 });
    const feed = await serveSteps(steps);
    closing.push(() => feed.close());
    for (const tool of ['nvidia-smi', 'macmon', 'tegrastats'] as const) {
      const program = join(ROOT, `dist/src/simulator/stand-in-${tool}-program.js`);
      const words = toolLeading(program, { port: feed.port, settings, origin_s });
      tools.add(tool, `exec '${process.execPath}' ${words.map((word) => `'${word}'`).join(' ')} "$@"`);
    }
    const kept = keepSysfs({ root, physics, clock: systemClock, origin_s }, 0.02, over.signal);
    closing.push(() => kept);
    env = { PATH: `${tools.path}:${process.env['PATH']}`, LMPOWER_SYSFS: root };
  });

  afterAll(async () => {
    over.abort();
    for (const close of closing) await close();
  });

  test(
    'sample reads nvidia-smi and powercap together, each domain at its own rate',
    async () => {
      const words = ['sample', '--sampler', 'nvidia-smi,powercap', '--interval', '100', '--duration', '3'];
      const end = await cli([...words, '--json'], { folder: temporaryFolder(), env });
      expect(end.stderr).not.toContain('SAMPLER_DIED');
      expect(end.code).toBe(0);
      const lines = linesOf(end);
      const of = (domain: string): Line[] => lines.filter((line) => line.domain === domain);
      expect(new Set(lines.map(({ domain }) => domain))).toEqual(
        new Set(['gpu:0', 'package:0', 'core:0', 'uncore:0']),
      );
      expect(of('gpu:0').length).toBeGreaterThan(5);
      expect(of('gpu:0').every(({ kind }) => kind === 'gauge')).toBe(true);
      expect(of('package:0').every(({ kind }) => kind === 'counter')).toBe(true);
      expect(powerOf(of('gpu:0'))).toBeCloseTo(GPU_W, 1);
      // The files are renewed every 20 ms, on a busy machine seldom; over a second or more that is little.
      expect(Math.abs(powerOf(of('package:0')) / (CPU_W + GPU_W) - 1)).toBeLessThan(0.25);
    },
    LONG_MS,
  );

  /** Asked again where a stand-in, a Node program each, was too late for a probe of two seconds: that is the machine's load. */
  async function doctor(): Promise<Told[]> {
    for (let times = 1; ; times++) {
      const end = await cli(['doctor', '--json'], { folder: temporaryFolder(), env });
      const { samplers }: { samplers: Told[] } = JSON.parse(end.stdout);
      if (times === 5 || !samplers.some(({ detail }) => LATE.test(detail))) return samplers;
    }
  }

  test(
    'doctor names every source, what it reads here, and what to type where it does not answer',
    async () => {
      const stateOf = new Map((await doctor()).map((one) => [one.id, one]));
      expect([...stateOf.keys()].sort()).toEqual(SAMPLERS.map(({ id }) => id).sort());
      expect(stateOf.get('nvidia-smi')).toMatchObject({ state: 'ready' });
      expect(stateOf.get('nvidia-smi')?.detail).toContain('NVIDIA Lab Board');
      for (const id of ['powercap', 'hwmon', 'battery', 'macmon', 'tegrastats']) {
        expect(stateOf.get(id), id).toMatchObject({ state: 'ready' });
      }
      expect(stateOf.get('xpu-smi')).toMatchObject({ state: 'absent' });
      expect(stateOf.get('xpu-smi')?.remedy).toContain('xpu-smi');
    },
    LONG_MS,
  );
});

/** The largest recording of each format. */
const RECORDED = SAMPLERS.flatMap(({ id }) => {
  const folder = join(FIXTURES, id);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => /\.(?:csv|json|jsonl|plist|txt)$/.test(name));
  const bySize = files.map((name) => join(folder, name)).sort((a, b) => statSync(b).size - statSync(a).size);
  return bySize.slice(0, 1).map((file) => ({ id, file }));
});

describe('sample of recorded bytes', () => {
  test(
    'gives the joules of every format that its parser reads, one Sample a line, or says why it cannot',
    async () => {
      const formats = new Set<string>();
      for (const { id, file } of RECORDED) {
        const words = ['sample', '--sampler', `replay:${id}:${file}@0`, '--json'];
        const end = await cli(words, { folder: temporaryFolder() });
        if (end.code !== 0) {
          expect(end.stderr, file).toMatch(REFUSED);
          continue;
        }
        const lines = linesOf(end);
        expect(lines.length, file).toBeGreaterThan(0);
        for (const { start_s, end_s, energy_J } of lines) {
          expect(end_s).toBeGreaterThan(start_s);
          expect(energy_J).toBeGreaterThanOrEqual(0);
        }
        formats.add(id);
      }
      // A process a reading prints no time, so its recording has none.
      expect([...formats].sort()).toEqual(
        RECORDED.map(({ id }) => id)
          .filter((id) => id !== 'rocm-smi')
          .sort(),
      );
    },
    LONG_MS,
  );

  const captures = capturesIn();

  test.skipIf(captures.length === 0)(
    'gives what INDEX.md states of each capture, or refuses it by name (skipped where ../shared/captures is absent)',
    async () => {
      for (const capture of captures) {
        const words = ['sample', '--sampler', `replay:${capture.format}:${capture.file}@0`, '--json'];
        const end = await cli(words, { folder: temporaryFolder() });
        if (end.code !== 0) {
          expect(end.stderr, nameOf(capture)).toMatch(REFUSED);
          continue;
        }
        const lines = linesOf(end);
        for (const [domain, true_J] of Object.entries(capture.true_J)) {
          const own = lines.filter((line) => line.domain === domain);
          const read_J = own.reduce((sum_J, one) => sum_J + one.energy_J, 0);
          expect(Math.abs(read_J / true_J - 1), `${domain} of ${nameOf(capture)}`).toBeLessThan(1e-3);
        }
      }
    },
    LONG_MS * 5,
  );
});
