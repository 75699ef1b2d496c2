import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAMPLERS, samplerById } from '../../samplers/index.ts';
import { createReplaySampler } from '../../samplers/replay.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import { systemClock } from '../../src/core/clock.ts';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch, Domain, Sample } from '../../src/core/sample.ts';
import { anyCuts, parsedAtOnce, parsedInPieces, samplesOf } from '../support/chopped.ts';
import { manualClock } from '../support/manual-clock.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
/** Shorter streams show the same, and a chunking test reads each many times. */
const FIXTURE_MOST_B = 60_000;

/** A format's fixtures lie in the folder of its id. */
function fixturesOf({ id }: Sampler): string[] {
  const folder = join(FIXTURES, id);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => !file.endsWith('.md'))
    .map((file) => join(folder, file));
}

const WITH_FIXTURES = SAMPLERS.flatMap((sampler) =>
  fixturesOf(sampler).map((file) => ({
    id: sampler.id,
    name: file.slice(FIXTURES.length + 1),
    file,
    sampler,
  })),
);

/** What is wrong with a stream's batches; empty when nothing is. */
function faultsOf(batches: readonly Batch[]): string[] {
  const faults: string[] = [];
  const announced = new Map<string, Domain>();
  for (const batch of batches) {
    for (const domain of batch.domains ?? []) announced.set(domain.id, domain);
    for (const sample of batch.samples) {
      const domain = announced.get(sample.domain);
      if (domain === undefined) faults.push(`${sample.domain} was not announced`);
      else if (domain.kind !== sample.kind)
        faults.push(`${sample.domain} is ${domain.kind}, not ${sample.kind}`);
      faults.push(...faultsOfSample(sample));
    }
  }
  return faults;
}

function faultsOfSample(sample: Sample): string[] {
  const text = JSON.stringify(sample);
  const isGauge = sample.kind === 'gauge' || sample.kind === 'averaged';
  const ends = [sample.startPower_W, sample.endPower_W];
  return [
    ...(sample.end_s > sample.start_s ? [] : [`no interval: ${text}`]),
    ...(sample.energy_J >= 0 && Number.isFinite(sample.energy_J) ? [] : [`no energy: ${text}`]),
    ...(ends.every((power_W) => (power_W !== undefined) === isGauge) ? [] : [`ends of a gauge: ${text}`]),
  ];
}

/** Samples of one domain neither overlap nor go back, but for those stamped on arrival. */
function disorderOf(samples: readonly Sample[]): string[] {
  const ends = new Map<string, number>();
  return samples.flatMap((sample) => {
    const before_s = ends.get(sample.domain) ?? Number.NEGATIVE_INFINITY;
    ends.set(sample.domain, sample.end_s);
    const isLate = sample.kind === 'mean' || sample.start_s >= before_s;
    return isLate ? [] : [JSON.stringify(sample)];
  });
}

describe.each(SAMPLERS.map((sampler) => [sampler.id, sampler] as const))('%s', (id, sampler) => {
  test('is found by its id, which is its own', () => {
    expect(samplerById(id)).toBe(sampler);
    expect(SAMPLERS.filter((one) => one.id === id)).toHaveLength(1);
  });

  test('its probe answers within two seconds, with a remedy unless it is ready', async () => {
    const began_s = systemClock.now_s();
    const probe = await sampler.probe();
    expect(systemClock.now_s() - began_s).toBeLessThan(2);
    expect(['ready', 'needs-permission', 'absent', 'broken']).toContain(probe.state);
    expect(probe.detail).not.toBe('');
  });

  test('declares sound domains before it is asked', () => {
    for (const domain of sampler.domains()) {
      expect(domain.source).toBe(id);
      expect(domain.scope).not.toBe('');
      expect(domain.minPower_W).toBeLessThan(domain.maxPower_W);
      expect(domain.quantum_J).toBeGreaterThanOrEqual(0);
      expect(domain.misalignment_s).toBeGreaterThanOrEqual(0);
      expect(domain.averaging_s !== null).toBe(domain.kind === 'averaged');
    }
  });

  test('its parser takes any bytes without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(faultsOf(parsedAtOnce(sampler.createParser(), bytes))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe.each(WITH_FIXTURES.map((one) => [one.name, one] as const))('%s', (_, { file, sampler }) => {
  const bytes = readFileSync(file);

  test('gives sound batches, however it arrives', () => {
    const batches = parsedAtOnce(sampler.createParser(), bytes, 0);
    expect(faultsOf(batches)).toEqual([]);
    expect(disorderOf(samplesOf(batches))).toEqual([]);
    const short = bytes.subarray(0, FIXTURE_MOST_B);
    const whole = parsedAtOnce(sampler.createParser(), short);
    fc.assert(
      fc.property(anyCuts(short.length), (cuts) => {
        expect(parsedInPieces(sampler.createParser(), short, cuts)).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  test('damaged anywhere, still gives sound batches and no throw', () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: Math.max(0, bytes.length - 1) }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(damage, fc.nat({ max: bytes.length }), (hits, cut) => {
        const damaged = Uint8Array.from(bytes.subarray(0, Math.min(cut + 100, FIXTURE_MOST_B)));
        for (const [place, value] of hits) damaged[place % damaged.length] = value;
        const batches = parsedAtOnce(sampler.createParser(), damaged, 0);
        expect(faultsOf(batches)).toEqual([]);
        expect(disorderOf(samplesOf(batches))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('replays to the joules that the parser reads, or is refused by name', async () => {
    const expected = samplesOf(parsedAtOnce(sampler.createParser(), bytes, 0));
    const clock = manualClock(100);
    const replay = createReplaySampler({ format: sampler, file, speed: 0 });
    const replayed: Batch[] = [];
    try {
      const options = { interval_ms: 100, signal: new AbortController().signal, clock };
      for await (const batch of replay.stream(options)) replayed.push(batch);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(LmpowerError);
      expect(thrown).toMatchObject({ code: 'REPLAY_INVALID' });
    }
    expect(samplesOf(replayed).map((one) => [one.domain, one.energy_J])).toEqual(
      expected.map((one) => [one.domain, one.energy_J]),
    );
  });
});
