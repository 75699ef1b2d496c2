import type { Key, Take } from './plist-walk.ts';
import { enterArray, key, nextDict, readBoolean, readDict, readNumber, readString } from './plist-walk.ts';
import type { Machine, Rail, Reading } from './reading.ts';
import { emptyMachine, emptyReading, forgetGpu, forgetProcessor } from './reading.ts';
import { PlistTrouble, XmlCursor } from './xml-cursor.ts';

/** `odd`: perhaps legal, but not in the shape that powermetrics writes · `cut`: the bytes end inside the document. */
export type PlistAnswer = { readonly reading: Reading } | { readonly trouble: 'odd' | 'cut' };

/**
 * Reads what lmpower needs from one frame, in place: a key counts only in its own dictionary, and what is not needed is
 * skipped unparsed. `machine`: also read model and clusters, which costs a walk through them.
 */
export function readPlist(frame: Uint8Array, options: { readonly machine: boolean }): PlistAnswer {
  const cursor = new XmlCursor(frame);
  const reading = emptyReading();
  if (options.machine) reading.machine = emptyMachine();
  try {
    cursor.expectOpen('plist');
    cursor.expectOpen('dict');
    readDict(cursor, options.machine ? TOP_WITH_MACHINE : TOP, reading);
    cursor.expectClose('plist');
    return { reading };
  } catch (thrown) {
    if (thrown instanceof PlistTrouble) return { trouble: thrown.sort };
    throw thrown;
  }
}

/** Sum of `used_ns` over an array of dictionaries; null where it is another thing or none states one. */
function readUsed_ns(cursor: XmlCursor): number | null {
  if (!enterArray(cursor)) return null;
  const state: State = { used_ns: null };
  let sum_ns: number | null = null;
  while (nextDict(cursor)) {
    state.used_ns = null;
    readDict(cursor, STATE, state);
    if (state.used_ns !== null) sum_ns = (sum_ns ?? 0) + state.used_ns;
  }
  return sum_ns;
}

function readClusters(cursor: XmlCursor, machine: Machine): void {
  machine.clusters = [];
  if (!enterArray(cursor)) return;
  while (nextDict(cursor)) {
    const cluster = { name: '', cores: 0 };
    readDict(cursor, CLUSTER, cluster);
    machine.clusters.push(cluster);
  }
}

function countDicts(cursor: XmlCursor): number {
  let count = 0;
  if (!enterArray(cursor)) return count;
  while (nextDict(cursor)) {
    count++;
    cursor.skipElement();
  }
  return count;
}

interface State {
  used_ns: number | null;
}

const STATE: readonly Key<State>[] = [
  key('used_ns', (cursor, state) => {
    state.used_ns = readNumber(cursor);
  }),
];

const CLUSTER: readonly Key<{ name: string; cores: number }>[] = [
  key('name', (cursor, cluster) => {
    cluster.name = readString(cursor) ?? '';
  }),
  key('cpus', (cursor, cluster) => {
    cluster.cores = countDicts(cursor);
  }),
];

const GPU: readonly Key<Reading>[] = [
  key('freq_hz', (cursor, reading) => {
    reading.gpuFreq = readNumber(cursor);
  }),
  key('idle_ns', (cursor, reading) => {
    reading.gpuIdle_ns = readNumber(cursor);
  }),
  key('idle_ratio', (cursor, reading) => {
    reading.gpuIdleRatio = readNumber(cursor);
  }),
  key('dvfm_states', (cursor, reading) => {
    reading.gpuUsed_ns = readUsed_ns(cursor);
  }),
  key('gpu_energy', (cursor, reading) => {
    reading.gpuBlockEnergy_mJ = readNumber(cursor);
  }),
];

function energyKey(rail: Rail): Key<Reading> {
  return key(`${rail}_energy`, (cursor, reading) => {
    reading.energy_mJ[rail] = readNumber(cursor);
  });
}

function powerKey(rail: Rail): Key<Reading> {
  return key(`${rail}_power`, (cursor, reading) => {
    reading.power_mW[rail] = readNumber(cursor);
  });
}

const PROCESSOR: readonly Key<Reading>[] = [
  energyKey('cpu'),
  energyKey('gpu'),
  energyKey('ane'),
  energyKey('dram'),
  powerKey('cpu'),
  powerKey('gpu'),
  powerKey('ane'),
  powerKey('dram'),
  key('combined_power', (cursor, reading) => {
    reading.combinedPower_mW = readNumber(cursor);
  }),
];

/** A nested dictionary; a duplicate of it replaces the first as a whole, hence `forget`. */
function nested(keys: readonly Key<Reading>[], forget: (reading: Reading) => void): Take<Reading> {
  return (cursor, reading) => {
    forget(reading);
    if (cursor.isOpen('dict')) readDict(cursor, keys, reading);
    else cursor.skipElement();
  };
}

/** Keys of the top level, given those of `processor`. */
function topKeys(processor: readonly Key<Reading>[]): readonly Key<Reading>[] {
  return [
    key('is_delta', (cursor, reading) => {
      reading.isDelta = readBoolean(cursor);
    }),
    key('elapsed_ns', (cursor, reading) => {
      reading.elapsed_ns = readNumber(cursor);
    }),
    key('thermal_pressure', (cursor, reading) => {
      reading.thermalPressure = readString(cursor);
    }),
    key('processor', nested(processor, forgetProcessor)),
    key('gpu', nested(GPU, forgetGpu)),
  ];
}

function ofMachine(take: Take<Machine>): Take<Reading> {
  return (cursor, reading) => {
    if (reading.machine === null) cursor.skipElement();
    else take(cursor, reading.machine);
  };
}

const TOP = topKeys(PROCESSOR);
const TOP_WITH_MACHINE: readonly Key<Reading>[] = [
  ...topKeys([...PROCESSOR, key('clusters', ofMachine(readClusters))]),
  key(
    'hw_model',
    ofMachine((cursor, machine) => {
      machine.hwModel = readString(cursor);
    }),
  ),
  key(
    'kern_osversion',
    ofMachine((cursor, machine) => {
      machine.osBuild = readString(cursor);
    }),
  ),
];
