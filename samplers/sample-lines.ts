import type { Batch, Domain, DomainId, RecordedEvent, Sample } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';
import { sampleFromMean } from './from-mean.ts';
import type { Parser } from './sampler.ts';

const LF = 0x0a;
/** A line with a sample has about 120 characters. */
const MAX_LINE_B = 64 * 1024;

/**
 * Lines as `lmpower sample --json` prints them, one Sample of a `mean` source each → one batch per window. Energy and
 * width are kept, the time is that of arrival. Lines that are no such sample become GARBAGE.
 */
export function createSampleLineParser(source: string, domains: readonly Domain[]): Parser {
  const reader = new SampleLineReader(source, domains);
  return {
    push: (chunk, arrival_s) => reader.push(chunk, arrival_s),
    end: (arrival_s) => [...reader.push(new Uint8Array([LF]), arrival_s), ...reader.flush()],
  };
}

interface Line {
  readonly domain: string;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
  readonly energy_J: number;
}

class SampleLineReader {
  readonly #source: string;
  readonly #domains: readonly Domain[];
  #rest: Buffer = Buffer.alloc(0);
  readonly #seen = new Set<DomainId>();
  #announced = false;
  #window: Line | null = null;
  #samples: Sample[] = [];

  constructor(source: string, domains: readonly Domain[]) {
    this.#source = source;
    this.#domains = domains;
  }

  push(chunk: Uint8Array, arrival_s: Seconds): Batch[] {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const batches: Batch[] = [];
    let from = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, from)) {
      batches.push(...this.#take(bytes.toString('utf8', from, at).trim(), arrival_s));
      from = at + 1;
    }
    this.#rest = bytes.subarray(from);
    if (this.#rest.length > MAX_LINE_B) {
      batches.push(this.#garbage(`${this.#rest.length} bytes without an end of line`, arrival_s));
      this.#rest = Buffer.alloc(0);
    }
    return batches;
  }

  /** The window that is not yet closed by a line of the next. */
  flush(): Batch[] {
    if (this.#samples.length === 0) return [];
    const samples = this.#samples;
    const first = this.#announced ? {} : { domains: this.#domains };
    this.#announced = true;
    this.#samples = [];
    return [{ samples, observations: [], events: this.#missingFrom(samples), ...first }];
  }

  /** Domains that earlier windows had. */
  #missingFrom(samples: readonly Sample[]): RecordedEvent[] {
    const here = new Set(samples.map((sample) => sample.domain));
    const missing = [...this.#seen].filter((domain) => !here.has(domain));
    for (const domain of here) this.#seen.add(domain);
    const at_s = samples[0]?.end_s ?? 0;
    return missing.map((domain) => ({
      code: 'RAIL_MISSING',
      source: this.#source,
      at_s,
      domain,
      detail: `a window without ${domain}`,
    }));
  }

  #take(text: string, arrival_s: Seconds): Batch[] {
    if (text === '') return [];
    const line = lineOf(text);
    const isKnown = line !== null && this.#domains.some((domain) => domain.id === line.domain);
    const sample = isKnown ? sampleOfLine(line, arrival_s) : null;
    if (line === null || sample === null) {
      return [...this.flush(), this.#garbage(`no sample: ${text.slice(0, 60)}`, arrival_s)];
    }
    const isSame = this.#window?.start_s === line.start_s && this.#window.end_s === line.end_s;
    if (isSame && this.#samples.some((one) => one.domain === sample.domain)) {
      return [this.#garbage(`${sample.domain} twice in one window`, arrival_s)];
    }
    const done = isSame ? [] : this.flush();
    this.#window = line;
    this.#samples.push(sample);
    return done;
  }

  #garbage(detail: string, at_s: Seconds): Batch {
    const event = { code: 'GARBAGE', source: this.#source, domain: null, at_s, detail } as const;
    return { samples: [], observations: [], events: [event] };
  }
}

function sampleOfLine({ domain, start_s, end_s, energy_J }: Line, arrival_s: Seconds): Sample | null {
  return sampleFromMean({ domain, energy_J, width_s: end_s - start_s, arrival_s });
}

function lineOf(text: string): Line | null {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null) return null;
  if (!('domain' in value && 'start_s' in value && 'end_s' in value && 'energy_J' in value)) return null;
  const { domain, start_s, end_s, energy_J } = value;
  const isTyped =
    typeof domain === 'string' &&
    typeof start_s === 'number' &&
    typeof end_s === 'number' &&
    typeof energy_J === 'number';
  return isTyped ? { domain, start_s, end_s, energy_J } : null;
}

/** Undefined where the text is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
