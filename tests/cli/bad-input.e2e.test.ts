import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Sample } from '../../src/core/sample.ts';
import { type CliEnd, cli, withoutRootNotice } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmpower-bad-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** A folder with a program of this name, to be put before PATH. */
function toolFolder(name: string, lines: readonly string[], mode = 0o755): string {
  made += 1;
  const own = join(folder, `${made}`);
  mkdirSync(own);
  const file = join(own, name);
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, mode);
  return own;
}

/** Seven numbers, one each 0.1 s: a source that nothing is wrong with, and that ends the session by its frames. */
const WALL = 'command:for i in 1 2 3 4 5 6 7; do echo 61.$i; sleep 0.1; done; sleep 20';

/** `lmpower sample` of the source and a wall meter beside it; `alone`: without. */
async function sampled(source: string, tool: string, alone = false): Promise<CliEnd> {
  const PATH = `${tool}:${process.env['PATH']}`;
  const words = ['--sampler', source, ...(alone ? [] : ['--sampler', WALL]), '--interval', '100'];
  const end = await cli(['sample', ...words, '--samples', '5', '--json', '--mode', 'batch'], {
    folder,
    env: { PATH },
  });
  return { ...end, stderr: withoutRootNotice(end.stderr) };
}

const domainsOf = ({ stdout }: CliEnd): string[] =>
  JSON.parse(stdout).summary.map(({ domain }: { domain: string }) => domain);
const samplesOf = ({ stdout }: CliEnd, id: string): Sample[] =>
  JSON.parse(stdout).samples.filter(({ domain }: Sample) => domain === id);

/** A query of nvidia-smi, whatever its fields; `$1`: power. */
const NVIDIA = [
  'case "$*" in *help*) exit 1;; esac',
  'fields=$(echo "$*" | sed -n \'s/.*--query-gpu=\\([^ ]*\\).*/\\1/p\')',
  'row() { out=""; old=$IFS; IFS=,; for x in $fields; do case $x in index) v=0;; count) v=1;; name) v="Some Board";;' +
    ' power.draw*) v=$1;; power.limit) v=450;; *) v="[N/A]";; esac; [ -n "$out" ] && out="$out, "; out="$out$v"; done; IFS=$old; echo "$out"; }',
  'echo "$fields" | sed "s/,/, /g"',
];

describe('a source that cannot be read is named with what to do, and the one beside it loses nothing', () => {
  test.each<{ what: string; source: string; tool: string; lines: string[]; mode?: number; said: RegExp }>([
    {
      what: 'a driver that is not loaded',
      source: 'nvidia-smi',
      tool: 'nvidia-smi',
      lines: [
        `echo "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."`,
        'exit 9',
      ],
      said: /sudo modprobe nvidia/,
    },
    {
      what: 'a tool of another version',
      source: 'tegrastats',
      tool: 'tegrastats',
      lines: ['echo "unrecognized option $1" >&2', 'exit 2'],
      said: /of a version that lmpower does not know/,
    },
    {
      what: 'a tool that may not be executed',
      source: 'macmon',
      tool: 'macmon',
      lines: [],
      mode: 0o644,
      said: /cannot be executed/,
    },
    {
      what: 'no device',
      source: 'intel-gpu-top',
      tool: 'intel_gpu_top',
      lines: [
        'echo "No device filter specified and no discrete/integrated i915 devices found" >&2',
        'exit 1',
      ],
      said: /i915 devices found/,
    },
  ])('$what', async ({ source, tool, lines, mode, said }) => {
    const file = toolFolder(tool, lines, mode);
    const [beside, alone] = await Promise.all([sampled(source, file), sampled(source, file, true)]);
    expect(alone).toMatchObject({ code: 3, stdout: '' });
    expect(alone.stderr).toMatch(/^(?:GARBAGE .*\n)?lmpower: .*\n {2}→ .*\n$/);
    expect(alone.stderr).toMatch(said);
    expect(beside.code).toBe(0);
    expect(domainsOf(beside)).toEqual(['wall']);
    expect(samplesOf(beside, 'wall')).toHaveLength(5);
    expect(beside.stderr).toContain(source);
  });

  test('a tool that hangs: the session is over when the others have what was asked for', async () => {
    const end = await sampled('macmon', toolFolder('macmon', ['exec sleep 60']));
    expect(end.code).toBe(0);
    expect(domainsOf(end)).toEqual(['wall']);
    expect(end.stderr).toContain('SAMPLER_STALLED ×1: macmon: no reading yet');
  });

  test('a board that is lost while it is read: what came until then is kept', async () => {
    const lost = 'GPU0000:01:00.0: GPU is lost.  Reboot the system to recover this GPU';
    const lines = [
      ...NVIDIA,
      'case "$*" in *-lms*) for i in 1 2 3; do row 6$i.5; sleep 0.1; done;',
      `echo "Unable to determine the device handle for ${lost}"; exit 15;; *) row 61.5;; esac`,
    ];
    const end = await sampled('nvidia-smi', toolFolder('nvidia-smi', lines));
    expect(end.code).toBe(0);
    expect(domainsOf(end).sort()).toEqual(['gpu:0', 'wall']);
    expect(samplesOf(end, 'wall')).toHaveLength(5);
    expect(end.stderr).toMatch(/GPU is lost.*sudo dmesg/);
  });

  test('decimal commas are read, a line cut in two is told and costs that line alone', async () => {
    const lines = [
      ...NVIDIA,
      'case "$*" in *-lms*) i=0; while :; do i=$((i+1)); line=$(row 6$((i%10)),50); [ $i = 3 ] && line=$(echo "$line" | sed "s/Some /Some\\n/");',
      'echo "$line"; sleep 0.1; done;; *) row 61,50;; esac',
    ];
    const end = await sampled('nvidia-smi', toolFolder('nvidia-smi', lines));
    expect(end.code).toBe(0);
    expect(end.stderr).toMatch(/GARBAGE ×2: nvidia-smi: no reading/);
    const powers_W = samplesOf(end, 'gpu:0').map(
      ({ energy_J, end_s, start_s }) => energy_J / (end_s - start_s),
    );
    expect(powers_W).toHaveLength(5);
    for (const power_W of powers_W) expect(Math.abs(power_W - 65)).toBeLessThan(5);
  });
});
