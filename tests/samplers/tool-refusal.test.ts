import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createAmdSmiSampler } from '../../samplers/amd-smi.ts';
import { createIntelGpuTopSampler } from '../../samplers/intel-gpu-top.ts';
import { createMacmonSampler } from '../../samplers/macmon.ts';
import { createNvidiaSmiSampler } from '../../samplers/nvidia-smi/sampler.ts';
import { createRocmSmiSampler } from '../../samplers/rocm-smi.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import { createTegrastatsSampler } from '../../samplers/tegrastats.ts';
import {
  exitProbe,
  lateProbe,
  type ToolLaunch,
  toolCommand,
  toolRefusal,
} from '../../samplers/tool-stream.ts';
import { createXpuSmiSampler } from '../../samplers/xpu-smi.ts';
import { systemClock } from '../../src/core/clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOOLS: readonly (readonly [string, (launch: ToolLaunch) => Sampler])[] = [
  ['amd-smi', createAmdSmiSampler],
  ['intel_gpu_top', createIntelGpuTopSampler],
  ['macmon', createMacmonSampler],
  ['nvidia-smi', createNvidiaSmiSampler],
  ['rocm-smi', createRocmSmiSampler],
  ['tegrastats', createTegrastatsSampler],
  ['xpu-smi', createXpuSmiSampler],
];

/** What a stream throws before its first batch. */
async function refusalOf(sampler: Sampler): Promise<unknown> {
  const { signal } = new AbortController();
  try {
    for await (const batch of sampler.stream({ interval_ms: 500, signal, clock: systemClock })) return batch;
  } catch (thrown) {
    return thrown;
  }
  return 'nothing';
}

describe.each(TOOLS)('%s', (tool, create) => {
  test('that may not be executed is no missing tool: probe and stream say so in the same words', async () => {
    const file = join(temporaryFolder(), tool);
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o644);
    const sampler = create({ file });
    const said = { remedy: `ls -l "$(command -v ${tool})"` };
    expect(await sampler.probe()).toEqual({ ...said, state: 'broken', detail: `${tool} cannot be executed` });
    expect(await refusalOf(sampler)).toMatchObject({
      ...said,
      code: 'SAMPLER_UNAVAILABLE',
      message: `${tool} cannot be executed`,
    });
  });

  test('that is not there is named with what brings it', async () => {
    const sampler = create({ file: join(temporaryFolder(), tool) });
    const { state, remedy } = await sampler.probe();
    expect(state).toBe('absent');
    expect(await refusalOf(sampler)).toMatchObject({ code: 'SAMPLER_UNAVAILABLE', remedy });
  });
});

test('a tool that ends without a reading keeps its own words, and the remedy fits them', () => {
  const refuse = toolRefusal({
    tool: 'meter',
    install: 'install it',
    remedy: (message) => (message.includes('driver') ? 'load the driver' : undefined),
  });
  const exit = { code: 3, signal: null, stderr: 'no driver\n', startError: null };
  expect(refuse(exit, 'half a line')).toMatchObject({
    message: 'meter ended with exit code 3: half a line; no driver',
    remedy: 'load the driver',
  });
  expect(refuse({ ...exit, stderr: '' }, '')).toMatchObject({ remedy: 'lmpower doctor' });
});

test('a tool that does not know what it is asked is of another version', () => {
  const refuse = toolRefusal({ tool: 'meter', install: 'install it', remedy: () => 'load the driver' });
  for (const stderr of [
    'unknown option: --watch\nUsage: meter show',
    'usage: meter [-h]',
    "error: unexpected argument '-i'",
  ]) {
    const exit = { code: 2, signal: null, stderr, startError: null };
    const remedy = 'this meter is of a version that lmpower does not know: update it, and see meter --help';
    expect(refuse(exit, '')).toMatchObject({ code: 'SAMPLER_UNAVAILABLE', remedy });
    expect(exitProbe('meter', exit, { remedy: 'x' })).toMatchObject({ state: 'broken', remedy });
    expect(refuse(exit, '').message).not.toContain('\n');
  }
});

test('tools speak the language of C, whatever the user speaks', () => {
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
  vi.stubEnv('LMPOWER_TEST_WORD', 'kept');
  expect(toolCommand({ file: 'meter' }, []).env).toMatchObject({ LC_ALL: 'C', LMPOWER_TEST_WORD: 'kept' });
  vi.unstubAllEnvs();
});

test('a tool that answers late is not called ready', () => {
  expect(lateProbe('meter')).toEqual({
    state: 'broken',
    detail: 'meter is there and did not answer in time',
    remedy: 'lmpower run --sampler meter waits longer for it',
  });
  expect(lateProbe('meter', 'wake it')).toMatchObject({ state: 'broken', remedy: 'wake it' });
});
