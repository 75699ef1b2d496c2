import { CounterChain } from '../../samplers/from-counter.ts';
import { GaugeChain } from '../../samplers/from-gauge.ts';
import type { Recording } from '../../src/core/run.ts';
import type { RecordedEvent, Sample } from '../../src/core/sample.ts';
import { S_PER_NS } from '../../src/core/units.ts';
import { perRail, RAILS, socEnergy_J } from '../../src/simulator/physics.ts';
import type { VirtualReading } from '../../src/simulator/virtual-meter.ts';
import { domainOf } from '../../tests/support/recording.ts';
import { seriesOf } from '../../tests/support/virtual-run.ts';
import type { Fault } from './fault.ts';
import {
  asOneSeries,
  clean,
  framesOf,
  isAmong,
  isDuring,
  recorded,
  type Take,
  withEvent,
  withFrames,
  withReadings,
} from './take.ts';

/** What goes wrong in the meter and between it and the recording. */
export const METER_FAULTS: readonly Fault[] = [
  { name: 'energy published every 2 s (macOS 27)', code: 'BATCHED_COUNTER', inject: batched },
  { name: 'GPU window shifted by ±22 %', code: 'WINDOW_SKEW', inject: skewed },
  { name: 'CPU rail zero under load', code: 'ZERO_UNDER_LOAD', inject: (take) => zeroed(take, ['cpu']) },
  { name: 'all rails zero under load', code: 'ZERO_UNDER_LOAD', inject: (take) => zeroed(take, RAILS) },
  { name: 'CPU rail lost for 1 s', code: 'RAIL_MISSING', inject: (take) => lostRail(take, 'cpu') },
  { name: 'GPU rail lost for 1 s', code: 'RAIL_MISSING', inject: (take) => lostRail(take, 'gpu') },
  { name: 'CPU rail stated twice, once doubled', code: 'COUNTER_DISAGREES', inject: duplicated },
  {
    name: 'unit swap: everything a thousand times too large',
    code: 'UNIT_SUSPECT',
    inject: (take) => scaled(take, 1000),
  },
  { name: 'unit swap: power in W where mW are meant', code: 'UNIT_SUSPECT', inject: inWatts },
  { name: 'unit swap: energy in whole J where mJ are meant', code: 'UNIT_SUSPECT', inject: inJoules },
  { name: 'energy and power fields differ by 20 %', code: 'COUNTER_DISAGREES', inject: disagreeing },
  { name: 'one frame with fifty times its energy', code: 'IMPLAUSIBLE_POWER', inject: peaked },
  {
    name: 'one frame dropped',
    code: 'GAP',
    inject: (take) => withReadings(take, (one) => (isAmong(take, one, 0.25) ? null : one)),
  },
  {
    name: 'frames of 1 s dropped',
    code: 'COVERAGE_LOW',
    inject: (take) => withReadings(take, (one) => (isAmong(take, one, 1) ? null : one)),
  },
  { name: 'one frame arrives twice', code: 'DURATION_MISMATCH', inject: repeated },
  { name: 'nominal widths instead of real ones, off by 15 %', code: 'DURATION_MISMATCH', inject: nominal },
  {
    name: 'a frame cut in half',
    code: 'GARBAGE',
    inject: (take) =>
      withFrames(take, (frame, one) =>
        isAmong(take, one, 0.25) ? { ...frame, text: frame.text.slice(0, frame.text.length / 2) } : frame,
      ),
  },
  {
    name: 'a frame of noise',
    code: 'GARBAGE',
    inject: (take) =>
      withFrames(take, (frame, one) =>
        isAmong(take, one, 0.25) ? { ...frame, text: '\u0001Second underflow\u0002'.repeat(40) } : frame,
      ),
  },
  {
    name: 'totals since boot in place of a window',
    code: 'GARBAGE',
    inject: (take) =>
      withFrames(take, (frame, one) =>
        isAmong(take, one, 0.25)
          ? {
              ...frame,
              text: frame.text.replace('<key>is_delta</key><true/>', '<key>is_delta</key><false/>'),
            }
          : frame,
      ),
  },
  {
    name: 'the meter stalls for 3 s',
    code: 'SAMPLER_STALLED',
    inject: (take) =>
      withEvent(
        take,
        withReadings(take, (one) => (isAmong(take, one, 3) ? null : one)),
        'SAMPLER_STALLED',
      ),
  },
  {
    name: 'the meter dies',
    code: 'SAMPLER_DIED',
    inject: (take) => withEvent(take, endedEarly(take), 'SAMPLER_DIED'),
  },
  { name: 'the recording ends inside the request', code: 'NOT_BRACKETED', inject: endedEarly },
  {
    name: 'the ring buffer overflows',
    code: 'RING_OVERFLOW',
    inject: (take) =>
      withEvent(
        take,
        withReadings(take, (one) => (isAmong(take, one, 0.5) ? null : one)),
        'RING_OVERFLOW',
      ),
  },
  { name: 'arrivals jitter by more than half a width', code: 'ALIGNMENT_POOR', inject: jittered },
  {
    name: 'a second sampler',
    code: 'SECOND_SAMPLER',
    inject: (take) => withEvent(take, clean(take), 'SECOND_SAMPLER'),
  },
  { name: 'counter wraps around', code: null, inject: (take) => counted(take, { range_J: 200 }) },
  { name: 'counter reset', code: 'COUNTER_RESET', inject: (take) => counted(take, { resets: true }) },
  { name: 'failed reads of a counter', code: null, inject: (take) => counted(take, { failsEvery: 4 }) },
  { name: 'a gauge repeats each reading six times', code: 'STALE_READING', inject: stale },
];

/** Rails hold zero, and every eighth frame all that came since. */
function batched(take: Take): Recording {
  let held = perRail(() => 0);
  return withReadings(take, (one, i) => {
    const sum = perRail((rail) => held[rail] + one.energy_mJ[rail]);
    const isTold = i % 8 === 7;
    held = isTold ? perRail(() => 0) : sum;
    return { ...one, energy_mJ: isTold ? sum : perRail(() => 0) };
  });
}

/** The GPU block publishes on its own clock: energy moves across the edges of samples, none is lost. */
function skewed(take: Take): Recording {
  const { physics, random } = take;
  let ended_s = take.readings[0]?.start_s ?? 0;
  return withReadings(take, (one) => {
    const width_s = one.elapsed_ns * S_PER_NS;
    const end_s = one.start_s + width_s + 0.22 * width_s * (2 * random.next() - 1);
    const gpu_mJ = Math.round(physics.energy_J('gpu', ended_s, end_s) * 1000);
    const gpuWindow_ns = Math.round((end_s - ended_s) / S_PER_NS);
    ended_s = end_s;
    return { ...one, gpuWindow_ns, energy_mJ: { ...one.energy_mJ, gpu: gpu_mJ } };
  });
}

function zeroed(take: Take, rails: readonly (typeof RAILS)[number][]): Recording {
  return withReadings(take, (one) =>
    isDuring(take, one)
      ? { ...one, energy_mJ: perRail((rail) => (rails.includes(rail) ? 0 : one.energy_mJ[rail])) }
      : one,
  );
}

function lostRail(take: Take, rail: 'cpu' | 'gpu'): Recording {
  const stated = new RegExp(
    `<key>${rail}_(energy|power)</key>\\n?<(integer|real)>[^<]*</(integer|real)>\\n?`,
    'g',
  );
  return withFrames(take, (frame, one) =>
    isAmong(take, one, 1) ? { ...frame, text: frame.text.replace(stated, '') } : frame,
  );
}

function duplicated(take: Take): Recording {
  return withFrames(take, (frame, one) => {
    const again = `<key>cpu_energy</key><integer>${2 * one.energy_mJ.cpu}</integer>\n<key>gpu_power</key>`;
    return { ...frame, text: frame.text.replace('<key>gpu_power</key>', again) };
  });
}

function scaled(take: Take, factor: number): Recording {
  return withReadings(take, (one) => ({
    ...one,
    energy_mJ: perRail((rail) => one.energy_mJ[rail] * factor),
  }));
}

function inWatts(take: Take): Recording {
  return withFrames(take, (frame) => ({
    ...frame,
    text: frame.text.replaceAll(
      /(_power<\/key>\n?<real>)([\d.e+-]+)/g,
      (_, key: string, value: string) => `${key}${Number(value) / 1000}`,
    ),
  }));
}

function inJoules(take: Take): Recording {
  return withFrames(take, (frame) => ({
    ...frame,
    text: frame.text.replaceAll(
      /(_energy<\/key>\n?<integer>)(\d+)/g,
      (_, key: string, value: string) => `${key}${Math.round(Number(value) / 1000)}`,
    ),
  }));
}

function disagreeing(take: Take): Recording {
  return withFrames(take, (frame) => ({
    ...frame,
    text: frame.text.replaceAll(
      /(cpu_energy<\/key>\n?<integer>)(\d+)/g,
      (_, key: string, value: string) => `${key}${Math.round(Number(value) * 1.2)}`,
    ),
  }));
}

function peaked(take: Take): Recording {
  return withReadings(take, (one) =>
    isAmong(take, one, 0.25) ? { ...one, energy_mJ: perRail((rail) => one.energy_mJ[rail] * 50) } : one,
  );
}

function repeated(take: Take): Recording {
  const frames = framesOf(take.readings);
  return recorded(
    take,
    frames.flatMap((frame, i) => {
      const reading = take.readings[i];
      return reading !== undefined && isAmong(take, reading, 0.25) ? [frame, frame] : [frame];
    }),
  );
}

function nominal(take: Take): Recording {
  return withReadings(take, (one) => ({ ...one, elapsed_ns: Math.round(one.elapsed_ns / 1.15) }));
}

function endedEarly(take: Take): Recording {
  const middle_s = (take.request.start_s + take.request.end_s) / 2;
  return withReadings(take, (one) => (one.start_s < middle_s ? one : null));
}

function jittered(take: Take): Recording {
  let last_s = 0;
  return withFrames(take, (frame) => {
    last_s = Math.max(last_s, frame.arrival_s + 0.24 * take.random.next());
    return { ...frame, arrival_s: last_s };
  });
}

/** The same energy behind a counter, polled as often as frames came. */
function counted(
  take: Take,
  {
    range_J = null,
    failsEvery,
    resets = false,
  }: { readonly range_J?: number | null; readonly failsEvery?: number; readonly resets?: boolean },
): Recording {
  const chain = new CounterChain({ domain: 'soc', range_J, maxPower_W: 100 });
  const samples: Sample[] = [];
  const events: RecordedEvent[] = [];
  const from_s = take.readings[0]?.start_s ?? 0;
  const middle_s = (take.request.start_s + take.request.end_s) / 2;
  const lost_J = resets ? socEnergy_J(take.physics, from_s, middle_s) : 0;
  let total_J = 0;
  let last_s = from_s;
  take.readings.forEach(({ start_s: at_s }, i) => {
    total_J += socEnergy_J(take.physics, last_s, at_s);
    last_s = at_s;
    const counted_J = resets && at_s > middle_s ? total_J - lost_J : total_J;
    const isFailed = failsEvery !== undefined && i % failsEvery === 0;
    const step = chain.read(at_s, isFailed ? null : counted_J % (range_J ?? Number.POSITIVE_INFINITY));
    if (step.sample !== null) samples.push(step.sample);
    if (step.reset !== null)
      events.push({ code: 'COUNTER_RESET', source: 'powercap', at_s, domain: 'soc', detail: step.reset });
  });
  const domain = domainOf({ kind: 'counter', source: 'powercap' });
  return asOneSeries(take, { ...series(samples), kind: 'counter' }, { domains: [domain], events });
}

function stale(take: Take): Recording {
  const chain = new GaugeChain('soc', 'gauge');
  let shown_W = 0;
  const samples = take.readings.flatMap(({ start_s }: VirtualReading, i) => {
    if (i % 6 === 0) shown_W = RAILS.reduce((sum_W, rail) => sum_W + take.physics.power_W(rail, start_s), 0);
    return chain.read(start_s, shown_W) ?? [];
  });
  const power = (of: (sample: Sample) => number | undefined) =>
    Float64Array.from(samples, (one) => of(one) ?? 0);
  const powers = {
    startPower_W: power((one) => one.startPower_W),
    endPower_W: power((one) => one.endPower_W),
  };
  const domain = domainOf({ kind: 'gauge', source: 'hwmon' });
  return asOneSeries(take, { ...series(samples), kind: 'gauge', ...powers }, { domains: [domain] });
}

function series(samples: readonly Sample[]) {
  const [one] = seriesOf(samples);
  if (one === undefined) throw new Error('no samples');
  return one;
}
