import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createIntelGpuTopParser, createIntelGpuTopSampler } from '../../samplers/intel-gpu-top.ts';
import { JsonObjects } from '../../samplers/json-objects.ts';
import { batchesOf, codesIn, domainsIn, powerOf, samplesIn } from '../support/batches.ts';
import { scriptFolder } from '../support/scripts.ts';

const scripts = scriptFolder();
afterAll(() => scripts.remove());

function period(power: string, { duration = 500, busy = 10 } = {}): string {
  return `{
	"period": {
		"duration": ${duration.toFixed(6)},
		"unit": "ms"
	},
	"frequency": { "requested": 350.0, "actual": 349.0, "unit": "MHz" },
	"rc6": { "value": 80.0, "unit": "%" },
	"power": ${power},
	"engines": { "Render/3D": { "busy": ${busy}.0, "sema": 0.0, "wait": 0.0, "unit": "%" } },
	"clients": { "4294967": { "name": "a } \\" {", "pid": "1" } }
}`;
}

const BOTH = '{ "GPU": 3.0, "Package": 20.0, "unit": "W" }';

describe('intel_gpu_top -J', () => {
  test.each([
    ['a well-formed array', `[\n${period(BOTH)},\n${period(BOTH)}\n]`],
    ['an array without its end', `[\n${period(BOTH)},\n${period(BOTH)}`],
    ['no commas', `[\n\n${period(BOTH)}\n${period(BOTH)}\n`],
    ['one comma too many', `[${period(BOTH)},${period(BOTH)},\n`],
    ['objects alone', `${period(BOTH)}\n${period(BOTH)}`],
  ])('%s gives every period', (_, text) => {
    const batches = batchesOf(createIntelGpuTopParser(), text);
    expect(samplesIn(batches, 'gpu:0').map((sample) => sample.energy_J)).toEqual([1.5, 1.5]);
    expect(samplesIn(batches, 'package:0').map((sample) => sample.energy_J)).toEqual([10, 10]);
    expect(codesIn(batches)).toEqual([]);
  });

  test('energy is over the period that it states, not over the interval asked for', () => {
    const batches = batchesOf(createIntelGpuTopParser(), period(BOTH, { duration: 517.25 }));
    const [sample] = samplesIn(batches, 'package:0');
    expect(sample?.energy_J).toBeCloseTo(20 * 0.51725, 9);
    expect(powerOf(sample)).toBeCloseTo(20, 9);
  });

  test('an integrated GPU lies in the package; a card stands alone', () => {
    const integrated = domainsIn(batchesOf(createIntelGpuTopParser(), period(BOTH)));
    expect(integrated.map(({ id, parent, rank }) => [id, parent, rank])).toEqual([
      ['gpu:0', 'package:0', 0],
      ['package:0', null, 2],
    ]);
    const card = domainsIn(batchesOf(createIntelGpuTopParser(), period('{ "GPU": 90.0, "unit": "W" }')));
    expect(card.map(({ id, parent, rank }) => [id, parent, rank])).toEqual([['gpu:0', null, 2]]);
  });

  test('older versions state one figure, and milliwatts are converted by their unit', () => {
    const old = batchesOf(createIntelGpuTopParser(), period('{ "value": 4000.0, "unit": "mW" }'));
    expect(powerOf(samplesIn(old, 'gpu:0')[0])).toBeCloseTo(4, 9);
  });

  test('a GPU at work that reads zero is told; an idle one is not', () => {
    const zero = '{ "GPU": 0.0, "Package": 20.0, "unit": "W" }';
    expect(codesIn(batchesOf(createIntelGpuTopParser(), period(zero, { busy: 97 })))).toEqual([
      'ZERO_UNDER_LOAD',
    ]);
    expect(codesIn(batchesOf(createIntelGpuTopParser(), period(zero, { busy: 2 })))).toEqual([]);
  });

  test('a period without its length and text that is none are named', () => {
    const text = `Failed to initialize PMU!\n{ "power": {} }\n${period(BOTH)}\n{ "period": { "dur`;
    const batches = batchesOf(createIntelGpuTopParser(), text);
    expect(codesIn(batches)).toEqual(['GARBAGE', 'GARBAGE', 'GARBAGE']);
    expect(samplesIn(batches, 'gpu:0')).toHaveLength(1);
  });
});

describe('JsonObjects', () => {
  test('any chunking gives the same objects', () => {
    const bytes = Buffer.from(`[${period(BOTH)},\n stray ${period(BOTH)}]`);
    const whole = new JsonObjects();
    const expected = [...whole.push(bytes), ...whole.end()];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const objects = new JsonObjects();
        const found = [];
        for (let at = 0, k = 0; at < bytes.length; k++) {
          const size = sizes[k % sizes.length] ?? 1;
          found.push(...objects.push(bytes.subarray(at, at + size)));
          at += size;
        }
        expect([...found, ...objects.end()]).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the probe', () => {
  test.each([
    ['said nothing yet', ':', 'intel_gpu_top is there and did not answer in time'],
    ['talks without a power', `printf '%s' '[{"period": {}'`, 'intel_gpu_top states no power'],
  ])('one that %s is not ready, and why', async (name, line, detail) => {
    const file = scripts.add(name.replaceAll(' ', '-'), line, 'exec sleep 1000');
    expect(await createIntelGpuTopSampler({ file }).probe()).toMatchObject({ state: 'broken', detail });
  });
});
