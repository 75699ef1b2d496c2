import type { Batch, Observation, RecordedEvent, Sample } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { HZ_PER_MHz, NS_PER_S, PERCENT_PER_RATIO } from '../../src/core/units.ts';
import { sampleFromMean } from '../from-mean.ts';
import type { ChipClass } from './chip.ts';
import { chipClassOf } from './chip.ts';
import { hasSoc, powermetricsDomains, SOC_RAILS, SOURCE } from './domains.ts';
import type { Doubt, Energies } from './energies.ts';
import { doubtsOf, energiesOf, gpuWindow_s, sumOf } from './energies.ts';
import type { Machine, Rail, Reading } from './reading.ts';
import { RAILS } from './reading.ts';

/** No window of a meter is a day long: such a width is a damaged digit. */
const MAX_WIDTH_S = 86_400;
/** GPU window against `elapsed_ns` from which on it is named. Source: power-sources.md 2.3, at most 1.3 % where in step. */
const SKEW_RATIO = 0.03;
/** Declared ceiling of that skew: twice the 1.1 s seen on an M4 Pro. More is a damaged digit. */
const MAX_SKEW_S = 2.2;
/** The declared skew is raised in steps of this part, so that domains are not announced with every frame. */
const SKEW_STEP_RATIO = 1.25;
const SKEW_LEAST_S = 1e-3;
/** `freq_hz` of the GPU holds megahertz in all versions seen; no GPU clock is below 100 kHz or above 100 GHz. */
const LEAST_FREQ_HZ = 1e5;

/** What a stream has told so far: chip, rails, GPU skew. Turns one reading into one batch. */
export class PowermetricsAccount {
  #machine: Machine | null = null;
  #chip: ChipClass = 'unknown';
  #rails: readonly Rail[] = [];
  #gpuSkew_s: Seconds = 0;
  #mustAnnounce = false;

  /** True until a frame told what machine this is. */
  get wantsMachine(): boolean {
    return this.#machine === null;
  }

  /** One batch, also for a frame without a sample: then with the event that says why. */
  batchOf(reading: Reading, arrival_s: Seconds): Batch {
    const width_s = (reading.elapsed_ns ?? Number.NaN) / NS_PER_S;
    if (reading.isDelta === false) return lostFrame('totals since boot, not a window', arrival_s);
    if (!(width_s > 0 && width_s <= MAX_WIDTH_S)) {
      return lostFrame(`elapsed_ns is ${reading.elapsed_ns ?? 'missing'}`, arrival_s);
    }
    const learnt = this.#learnMachine(reading, arrival_s);
    const energies = energiesOf(reading, width_s);
    this.#learnRails(energies);
    const doubts = [
      ...this.#missing(energies),
      ...doubtsOf(reading, { energies, width_s, chip: this.#chip }),
      ...this.#skew(reading, width_s),
    ];
    return {
      samples: this.#samples(energies, width_s, arrival_s),
      observations: [...learnt, ...observationsOf(reading, arrival_s)],
      events: doubts.map((doubt) => eventOf(doubt, arrival_s)),
      ...this.#announcement(),
    };
  }

  #learnMachine(reading: Reading, arrival_s: Seconds): Observation[] {
    if (this.#machine !== null || reading.machine === null) return [];
    this.#machine = reading.machine;
    this.#chip = chipClassOf(reading.machine.clusters);
    return observed(arrival_s, {
      hw_model: reading.machine.hwModel,
      kern_osversion: reading.machine.osBuild,
    });
  }

  #learnRails(energies: Energies): void {
    const rails = RAILS.filter((rail) => this.#rails.includes(rail) || energies[rail] !== null);
    if (rails.length === this.#rails.length) return;
    this.#rails = rails;
    this.#mustAnnounce = true;
  }

  /** CPU, GPU and ANE are always expected, DRAM once it was there; `soc` is withheld with any of them. */
  #missing(energies: Energies): Doubt[] {
    const expected = RAILS.filter((rail) => rail !== 'dram' || this.#rails.includes(rail));
    const missing = expected.filter((rail) => energies[rail] === null);
    if (missing.length === 0) return [];
    const detail = `no energy of ${missing.join(', ')}`;
    return [...missing, 'soc'].map((domain): Doubt => ({ code: 'RAIL_MISSING', domain, detail }));
  }

  #skew(reading: Reading, width_s: Seconds): Doubt[] {
    const window_s = gpuWindow_s(reading);
    if (window_s === null || window_s === 0) return [];
    const skew_s = window_s - width_s;
    this.#learnSkew(Math.abs(skew_s));
    if (Math.abs(skew_s) <= SKEW_RATIO * width_s) return [];
    const percent = ((PERCENT_PER_RATIO * skew_s) / width_s).toFixed(1);
    const detail = `GPU window ${window_s.toFixed(6)} s, sample ${width_s.toFixed(6)} s: ${percent} %`;
    return [{ code: 'WINDOW_SKEW', domain: 'gpu', detail }];
  }

  #learnSkew(skew_s: Seconds): void {
    if (skew_s > MAX_SKEW_S || skew_s < SKEW_LEAST_S || skew_s <= this.#gpuSkew_s * SKEW_STEP_RATIO) return;
    this.#gpuSkew_s = skew_s;
    this.#mustAnnounce = true;
  }

  #announcement(): Pick<Batch, 'domains'> {
    if (!this.#mustAnnounce) return {};
    this.#mustAnnounce = false;
    const facts = { chip: this.#chip, rails: this.#rails, gpuSkew_s: this.#gpuSkew_s };
    return { domains: powermetricsDomains(facts) };
  }

  #samples(energies: Energies, width_s: Seconds, arrival_s: Seconds): Sample[] {
    const samples: Sample[] = [];
    for (const rail of RAILS) {
      const energy_J = energies[rail];
      if (energy_J === null) continue;
      const sample = sampleFromMean({ domain: rail, energy_J, width_s, arrival_s });
      if (sample !== null) samples.push(sample);
    }
    const sum_J = hasSoc(this.#rails) ? sumOf(energies, this.#socRails()) : null;
    if (sum_J === null) return samples;
    const soc = sampleFromMean({ domain: 'soc', energy_J: sum_J, width_s, arrival_s });
    return soc === null ? samples : [...samples, soc];
  }

  #socRails(): readonly Rail[] {
    return this.#rails.includes('dram') ? [...SOC_RAILS, 'dram'] : SOC_RAILS;
  }
}

/** A frame, or bytes, that gave no reading. */
export function lostFrame(detail: string, at_s: Seconds): Batch {
  return {
    samples: [],
    observations: [],
    events: [eventOf({ code: 'GARBAGE', domain: null, detail }, at_s)],
  };
}

function eventOf(doubt: Doubt, at_s: Seconds): RecordedEvent {
  return { code: doubt.code, source: SOURCE, at_s, domain: doubt.domain, detail: doubt.detail };
}

function observationsOf(reading: Reading, at_s: Seconds): Observation[] {
  const hasWindow = (gpuWindow_s(reading) ?? 0) > 0;
  return observed(at_s, {
    thermal_pressure: reading.thermalPressure,
    gpu_freq_Hz: hasWindow ? gpuFreq_Hz(reading) : null,
    gpu_idleRatio: hasWindow ? reading.gpuIdleRatio : null,
  });
}

export function observed(
  at_s: Seconds,
  values: Readonly<Record<string, string | number | null>>,
): Observation[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [{ source: SOURCE, name, at_s, value }],
  );
}

function gpuFreq_Hz(reading: Reading): number | null {
  if (reading.gpuFreq === null) return null;
  return reading.gpuFreq < LEAST_FREQ_HZ ? reading.gpuFreq * HZ_PER_MHz : reading.gpuFreq;
}
