// Start-up of the built program against a bare Node, and what loading all of undici would add to the agent alone: medians of
// interleaved runs. node dist/scripts/bench-startup.js [runs]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/core/clock.ts';
import { MS_PER_S } from '../src/core/units.ts';

const DEFAULT_RUNS = 21;
/** Source: the project's own limit for `lmpower --version`. */
const LIMIT = 1.5;
const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

const CASES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['node -e 0', ['-e', '0']],
  ['lmpower --version', [CLI, '--version']],
  ['lmpower --help', [CLI, '--help']],
  ['lmpower explain GAP', [CLI, 'explain', 'GAP']],
  ['the agent of undici', importing('undici/lib/dispatcher/agent.js')],
  ['all of undici', importing('undici')],
];

function importing(name: string): readonly string[] {
  return ['--input-type=module', '--eval', `await import('${import.meta.resolve(name)}')`];
}

function wall_ms(args: readonly string[]): number {
  const started_s = systemClock.now_s();
  spawnSync(process.execPath, args, { stdio: 'ignore' });
  return (systemClock.now_s() - started_s) * MS_PER_S;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const runs = Number(process.argv[2] ?? DEFAULT_RUNS);
const times_ms = CASES.map((): number[] => []);
// Interleaved, so that a busy moment of the machine meets all of them; the first round warms the disk's cache.
for (let run = -1; run < runs; run++) {
  for (const [i, [, args]] of CASES.entries()) {
    const time_ms = wall_ms(args);
    if (run >= 0) times_ms[i]?.push(time_ms);
  }
}

const bare_ms = median(times_ms[0] ?? []);
for (const [i, [name]] of CASES.entries()) {
  const own_ms = median(times_ms[i] ?? []);
  const verdict = name.endsWith('--version') ? (own_ms / bare_ms <= LIMIT ? ' (good)' : ' (too slow)') : '';
  process.stdout.write(
    `${name.padEnd(20)} median ${own_ms.toFixed(1)} ms of ${runs}, ${(own_ms / bare_ms).toFixed(2)} times bare Node${verdict}\n`,
  );
}
