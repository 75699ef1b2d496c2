import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPowercapParser } from '../../samplers/powercap/parser.ts';
import { createPowercapSampler } from '../../samplers/powercap/sampler.ts';
import { runGuard } from '../../samplers/privileged/guard.ts';
import type { PowercapZone } from '../../samplers/privileged/powercap-reader.ts';
import { systemClock } from '../../src/core/clock.ts';
import { batchesAt, codesIn, detailsIn, domainsIn, powerOf, samplesIn } from '../support/batches.ts';
import { manualClock } from '../support/manual-clock.ts';
import { sysfsTree, zoneFiles } from '../support/sysfs.ts';

const RANGE_uJ = 262_143_328_850;

function zone(name: string, path: string, energy_uJ: number | null): PowercapZone {
  const error = energy_uJ === null ? 'EIO' : null;
  return { zone: path, name, energy_uJ, range_uJ: RANGE_uJ, limit_uW: 125_000_000, error };
}

function line(at_s: number, zones: readonly PowercapZone[]): readonly [number, string] {
  return [at_s, JSON.stringify({ at_ns: at_s * 1e9, zones })];
}

const one = (at_s: number, energy_uJ: number | null) =>
  line(at_s, [zone('package-0', 'intel-rapl:0', energy_uJ)]);

describe('powercap lines', () => {
  test('the rise of a counter between two readings is the sample', () => {
    const batches = batchesAt(createPowercapParser(), [one(10, 1_000_000), one(10.5, 21_000_000)]);
    expect(samplesIn(batches)).toEqual([
      { domain: 'package:0', start_s: 10, end_s: 10.5, energy_J: 20, kind: 'counter' },
    ]);
    expect(domainsIn(batches)[0]).toMatchObject({ rank: 2, parent: null, maxPower_W: 187.5 });
  });

  test('a wrap-around at max_energy_range_uj is bridged exactly', () => {
    const batches = batchesAt(createPowercapParser(), [one(0, RANGE_uJ - 5_000_000), one(1, 7_000_000)]);
    expect(samplesIn(batches)[0]?.energy_J).toBeCloseTo(12, 6);
    expect(codesIn(batches)).toEqual([]);
  });

  test('a fall that no plausible power explains is a reset, not a wrap', () => {
    const batches = batchesAt(createPowercapParser(), [one(0, 200_000_000_000), one(1, 1_000_000)]);
    expect(samplesIn(batches)).toEqual([]);
    expect(codesIn(batches)).toEqual(['COUNTER_RESET']);
  });

  test('a failed read is missing, never zero, and the next one bridges it exactly', () => {
    const batches = batchesAt(createPowercapParser(), [
      one(0, 0),
      one(1, 10_000_000),
      one(2, null),
      one(3, 30_000_000),
    ]);
    expect(codesIn(batches)).toEqual(['RAIL_MISSING']);
    expect(samplesIn(batches).map((sample) => [sample.start_s, sample.end_s, sample.energy_J])).toEqual([
      [0, 1, 10],
      [1, 3, 20],
    ]);
  });

  test('a package holds core and uncore, psys holds packages, and DRAM stands beside', () => {
    const zones = (factor: number): PowercapZone[] => [
      zone('package-0', 'intel-rapl:0', 10e6 * factor),
      zone('core', 'intel-rapl:0:0', 6e6 * factor),
      zone('uncore', 'intel-rapl:0:1', 1e6 * factor),
      zone('dram', 'intel-rapl:0:2', 2e6 * factor),
      zone('package-1', 'intel-rapl:1', 11e6 * factor),
      zone('psys', 'intel-rapl:2', 40e6 * factor),
    ];
    const domains = domainsIn(batchesAt(createPowercapParser(), [line(0, zones(1)), line(1, zones(2))]));
    expect(domains.map(({ id, parent, rank }) => [id, parent, rank])).toEqual([
      ['core:0', 'package:0', 0],
      ['dram:0', 'psys', 0],
      ['package:0', 'psys', 2],
      ['package:1', 'psys', 2],
      ['psys', null, 2.5],
      ['uncore:0', 'package:0', 0],
    ]);
  });

  test('the memory-mapped repetition of a package is left out, and used where it is all there is', () => {
    const both = [zone('package-0', 'intel-rapl-mmio:0', 5e6), zone('package-0', 'intel-rapl:0', 1e6)];
    const later = [zone('package-0', 'intel-rapl-mmio:0', 9e6), zone('package-0', 'intel-rapl:0', 31e6)];
    const batches = batchesAt(createPowercapParser(), [line(0, both), line(1, later)]);
    expect(samplesIn(batches).map((sample) => sample.energy_J)).toEqual([30]);
    const alone = batchesAt(createPowercapParser(), [line(0, both.slice(0, 1)), line(1, later.slice(0, 1))]);
    expect(samplesIn(alone).map((sample) => sample.energy_J)).toEqual([4]);
  });

  test('a platform counter that is not wired is left out and named', () => {
    const zones = (package_uJ: number): PowercapZone[] => [
      zone('package-0', 'intel-rapl:0', package_uJ),
      zone('psys', 'intel-rapl:1', 77),
    ];
    const batches = batchesAt(createPowercapParser(), [
      line(0, zones(0)),
      line(1, zones(9e6)),
      line(2, zones(20e6)),
    ]);
    expect(domainsIn(batches).map(({ id, parent }) => [id, parent])).toEqual([['package:0', null]]);
    expect(codesIn(batches)).toEqual(['RAIL_MISSING']);
    expect(detailsIn(batches)).toContain('psys');
  });

  test('a platform that states less than its packages is doubted', () => {
    const zones = (t: number): PowercapZone[] => [
      zone('package-0', 'intel-rapl:0', 50e6 * t),
      zone('psys', 'intel-rapl:1', 20e6 * t),
    ];
    const lines = Array.from({ length: 12 }, (_, t) => line(t, zones(t)));
    expect(codesIn(batchesAt(createPowercapParser(), lines))).toEqual(['COUNTER_DISAGREES']);
  });

  test('a package counter that stands still is stale, and one that jumps is implausible', () => {
    const still = [one(0, 5e6), one(1, 6e6), one(2, 6e6), one(3, 6e6)];
    expect(codesIn(batchesAt(createPowercapParser(), still))).toEqual(['STALE_READING']);
    const jump = batchesAt(createPowercapParser(), [
      one(0, 0),
      one(1, 50e6),
      one(2, 5_000e6),
      one(3, 5_050e6),
    ]);
    expect(codesIn(jump)).toEqual(['IMPLAUSIBLE_POWER']);
    expect(samplesIn(jump).map((sample) => sample.energy_J)).toEqual([50, 50]);
  });

  test('what is no reading is named and loses nothing', () => {
    const batches = batchesAt(createPowercapParser(), [
      one(0, 0),
      [1, '{"at_ns":1,"zones":[{}]}'],
      [1.5, 'Traceback'],
      one(2, 8e6),
    ]);
    expect(codesIn(batches)).toEqual(['GARBAGE', 'GARBAGE']);
    expect(samplesIn(batches).map(powerOf)).toEqual([4]);
  });

  test('energy is the counter modulo its range, whatever the steps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 150_000_000 }), { minLength: 2, maxLength: 40 }),
        (steps) => {
          let total_uJ = RANGE_uJ - 100_000_000;
          const lines = steps.map((step, index) => {
            total_uJ += index === 0 ? 0 : step;
            return one(index + 1, total_uJ % RANGE_uJ);
          });
          const sum_J = samplesIn(batchesAt(createPowercapParser(), lines)).reduce(
            (sum, s) => sum + s.energy_J,
            0,
          );
          expect(sum_J).toBeCloseTo(steps.slice(1).reduce((sum, step) => sum + step, 0) * 1e-6, 3);
        },
      ),
    );
  });
});

describe('createPowercapSampler', () => {
  const tree = () =>
    sysfsTree({
      ...zoneFiles('intel-rapl:0', { name: 'package-0', energy_uJ: 1e6 }),
      ...zoneFiles('intel-rapl:0:0', { name: 'core', energy_uJ: 5e5 }),
    });

  test('reads the tree on the clock given, by an absolute schedule', async () => {
    const { root, write } = tree();
    const clock = manualClock(50);
    const abort = new AbortController();
    const stream = createPowercapSampler({ root }).stream({ interval_ms: 500, signal: abort.signal, clock });
    const iterator = stream[Symbol.asyncIterator]();
    const first = iterator.next();
    await clock.advance(0.1);
    write('intel-rapl:0/energy_uj', 11e6);
    await clock.advance(0.4);
    const opened = await first;
    expect(samplesIn(opened.done === true ? [] : [opened.value], 'package:0')[0]).toEqual({
      domain: 'package:0',
      start_s: 50,
      end_s: 50.5,
      energy_J: 10,
      kind: 'counter',
    });
    const second = iterator.next();
    write('intel-rapl:0/energy_uj', 12e6);
    await clock.advance(0.5);
    const next = await second;
    expect(samplesIn(next.done === true ? [] : [next.value]).map((sample) => sample.end_s)).toEqual([51, 51]);
    const last = iterator.next();
    abort.abort();
    expect((await last).done).toBe(true);
  });

  test('the probe names the domains, their absence, and what cannot be read', async () => {
    const { root, deny } = tree();
    expect(await createPowercapSampler({ root }).probe()).toMatchObject({
      state: 'ready',
      detail: 'core:0, package:0',
    });
    deny('intel-rapl:0/energy_uj');
    deny('intel-rapl:0:0/energy_uj');
    expect(await createPowercapSampler({ root }).probe()).toMatchObject({ state: 'broken' });
    expect(await createPowercapSampler({ root: `${root}/none` }).probe()).toMatchObject({ state: 'absent' });
  });

  test('without a counter that can be read the stream is refused before its first batch', async () => {
    const { root } = sysfsTree();
    const options = { interval_ms: 500, signal: new AbortController().signal, clock: manualClock(0) };
    const next = createPowercapSampler({ root }).stream(options)[Symbol.asyncIterator]().next();
    await expect(next).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
  });
});

describe('counters that only root may read', () => {
  const denied = { ...zone('package-0', 'intel-rapl:0', null), error: 'EACCES' };
  const folder = { read: () => ({ at_ns: 0, zones: [denied] }) };
  const noSudo = { sudo: '/nonexistent/sudo', node: '/nonexistent/node', script: 'guard.ts' };

  function guardOf(energy_uJ: number) {
    const { root } = sysfsTree(zoneFiles('intel-rapl:0', { name: 'package-0', energy_uJ }));
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const running = runGuard({
      executable: '/nonexistent',
      powercap: root,
      input: stdin,
      output: stdout,
      status: stderr,
    });
    return { guard: { stdin, stdout, stderr }, running };
  }

  test('need a permission, and the remedy says which', async () => {
    const sampler = createPowercapSampler({ folder, sudo: noSudo });
    const probe = await sampler.probe();
    expect(probe.state).toBe('needs-permission');
    expect(probe.remedy).not.toBeNull();
    const options = { interval_ms: 500, signal: new AbortController().signal, clock: manualClock(0) };
    await expect(sampler.stream(options)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'SAMPLER_NOT_PERMITTED',
    });
  });

  test('come through the guard that sudo lmpower left behind, and the signal stops its reading', async () => {
    const { guard, running } = guardOf(7e6);
    const sampler = createPowercapSampler({ folder, guard, sudo: noSudo });
    expect(await sampler.probe()).toMatchObject({ state: 'ready', detail: expect.stringContaining('guard') });
    const abort = new AbortController();
    const batches = [];
    for await (const batch of sampler.stream({ interval_ms: 20, signal: abort.signal, clock: systemClock })) {
      batches.push(batch);
      if (batches.length === 3) abort.abort();
    }
    expect(domainsIn(batches).map((domain) => domain.id)).toEqual(['package:0']);
    expect(samplesIn(batches)).toHaveLength(3);
    guard.stdin.end();
    await running.closed;
  });

  test('a folder in place of the kernel’s is never given to the guard', async () => {
    const { guard, running } = guardOf(1);
    const sampler = createPowercapSampler({ root: '/tmp/elsewhere', folder, guard });
    expect(await sampler.probe()).toMatchObject({ state: 'needs-permission' });
    guard.stdin.end();
    await running.closed;
  });
});

describe('the guard reads the counters', () => {
  test('powercap writes readings that the parser takes, and stop says how many bytes there were', async () => {
    const { root } = sysfsTree(zoneFiles('intel-rapl:0', { name: 'package-0', energy_uJ: 3e6 }));
    const input = new PassThrough();
    const output = new PassThrough();
    const status = new PassThrough({ encoding: 'utf8' });
    const guard = runGuard({ executable: '/nonexistent', powercap: root, input, output, status });
    input.write('powercap 20\n');
    const bytes = await new Promise<string>((resolve) => {
      let text = '';
      output.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (text.split('\n').length > 3) resolve(text);
      });
    });
    input.end('stop\n');
    await guard.closed;
    output.end();
    const said = String(status.read());
    expect(said).toMatch(/^started \d+\nexited - - \d+\n$/);
    const [first = ''] = bytes.split('\n');
    expect(JSON.parse(first)).toMatchObject({
      zones: [{ zone: 'intel-rapl:0', name: 'package-0', energy_uJ: 3e6, error: null }],
    });
  });

  test.each(['powercap', 'powercap 5', 'powercap 100 /etc', 'powercap -1', 'powercap 1e3'])(
    'refuses %j',
    async (command) => {
      const input = new PassThrough();
      const status = new PassThrough({ encoding: 'utf8' });
      const guard = runGuard({ executable: '/nonexistent', input, output: new PassThrough(), status });
      input.end(`${command}\n`);
      await guard.closed;
      expect(String(status.read())).toMatch(/^refused /);
    },
  );
});
