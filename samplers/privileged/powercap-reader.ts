import { readdirSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { codeOf, type FileText, KeptFile } from './kept-file.ts';

/** Where Linux shows its energy counters. Source: Documentation/power/powercap/powercap.rst. */
export const POWERCAP_PATH = '/sys/class/powercap';

/** One zone as the kernel states it. A failed read is null with the system's word for it, never 0. */
export interface PowercapZone {
  /** `intel-rapl:0`, `intel-rapl:0:1`, `intel-rapl-mmio:0`. */
  readonly zone: string;
  /** `package-0`, `core`, `uncore`, `dram`, `psys`. */
  readonly name: string;
  readonly energy_uJ: number | null;
  readonly range_uJ: number | null;
  /** The widest limit set for the zone; null: none stated. */
  readonly limit_uW: number | null;
  readonly error: string | null;
}

export interface PowercapReading {
  /** Of the clock that all processes of a boot share. */
  readonly at_ns: number;
  readonly zones: readonly PowercapZone[];
}

const ZONE = /^intel-rapl(?:-[a-z]+)?:[0-9]+(?::[0-9]+)?$/;
const CONSTRAINTS = [0, 1];

/** The zones below one folder. Names and ranges are read once, energies each time; only the kernel's names are opened. */
export class PowercapFolder {
  readonly #root: string;
  #facts: readonly ZoneFacts[] | null = null;
  readonly #counters = new Map<string, KeptFile>();

  constructor(root: string = POWERCAP_PATH) {
    this.#root = root;
  }

  /** Never throws: what cannot be read is named in its zone. */
  read(): PowercapReading {
    const facts = this.#facts ?? zoneNames(this.#root).map((zone) => factsOf(this.#root, zone));
    // A driver that loads later is found then.
    if (facts.length > 0) this.#facts = facts;
    const zones = facts.map((zone) => {
      const { value, error } = numberOf(this.#counterOf(zone.zone).readNow());
      return { ...zone, energy_uJ: value, error };
    });
    return { at_ns: Number(process.hrtime.bigint()), zones };
  }

  /** Ends the reading; a later one begins anew. */
  close(): void {
    for (const counter of this.#counters.values()) counter.close();
  }

  #counterOf(zone: string): KeptFile {
    const known = this.#counters.get(zone) ?? new KeptFile(`${this.#root}/${zone}/energy_uj`);
    this.#counters.set(zone, known);
    return known;
  }
}

interface NumberRead {
  readonly value: number | null;
  readonly error: string | null;
}

type ZoneFacts = Omit<PowercapZone, 'energy_uJ' | 'error'>;

function zoneNames(root: string): string[] {
  try {
    return readdirSync(root)
      .filter((name) => ZONE.test(name))
      .sort();
  } catch {
    // No such folder: a machine without zones.
    return [];
  }
}

function factsOf(root: string, zone: string): ZoneFacts {
  const folder = `${root}/${zone}`;
  const limits = CONSTRAINTS.flatMap(
    (index) => readNumber(`${folder}/constraint_${index}_power_limit_uw`).value ?? [],
  );
  return {
    zone,
    name: readWord(`${folder}/name`) ?? '',
    range_uJ: readNumber(`${folder}/max_energy_range_uj`).value,
    limit_uW: limits.length === 0 ? null : Math.max(...limits),
  };
}

function readNumber(path: string): NumberRead {
  try {
    return numberIn(readFileSync(path, 'latin1'));
  } catch (error) {
    return { value: null, error: codeOf(error) };
  }
}

function numberOf(read: FileText): NumberRead {
  return 'text' in read ? numberIn(read.text) : { value: null, error: read.error };
}

function numberIn(text: string): NumberRead {
  const word = text.trim();
  return /^[0-9]{1,20}$/.test(word)
    ? { value: Number(word), error: null }
    : { value: null, error: `not a number: ${word.slice(0, 20)}` };
}

function readWord(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim().slice(0, 40);
  } catch {
    // A zone without a name is read all the same, and left out by who asked.
    return null;
  }
}

export interface PowercapReader {
  /** Ends the reading; gives the count of bytes written. */
  stop(): number;
}

/**
 * Writes one JSON line a reading, every `interval_ms` by an absolute schedule. While the other side does not read, nothing
 * is written and nothing is lost: the counters bridge it.
 */
export function startPowercapReader(options: {
  readonly root: string;
  readonly interval_ms: number;
  readonly output: Writable;
}): PowercapReader {
  const { root, interval_ms, output } = options;
  const folder = new PowercapFolder(root);
  let written_B = 0;
  let isFull = false;
  const onDrain = (): void => {
    isFull = false;
  };
  output.on('drain', onDrain);
  const read = (): void => {
    if (isFull || !output.writable) return;
    const line = Buffer.from(`${JSON.stringify(folder.read())}\n`);
    written_B += line.length;
    isFull = !output.write(line);
  };
  read();
  // Node's intervals are scheduled from the beat before, so that the time of a read does not add up.
  const timer = setInterval(read, interval_ms);
  return {
    stop: () => {
      clearInterval(timer);
      folder.close();
      output.off('drain', onDrain);
      return written_B;
    },
  };
}
