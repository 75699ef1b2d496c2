import type { Batch, DomainId, RecordedEvent } from '../../src/core/sample.ts';
import type { Joules, Seconds } from '../../src/core/units.ts';
import { J_PER_uJ } from '../../src/core/units.ts';
import type { ChannelNews } from '../channel.ts';
import { Channels } from '../channels.ts';
import type { PowercapZone } from '../privileged/powercap-reader.ts';
import { PSYS, type Rail, railsOf } from './rails.ts';

export const SOURCE = 'powercap';
/** A processor always draws: a package counter that stands still for so long is not read from the hardware. */
const STALE_s: Seconds = 2;
/** Span over which psys is compared with the packages it must contain. */
const CHECK_s: Seconds = 10;
const AGREEMENT_RATIO = 0.05;

interface Read {
  readonly at_s: Seconds;
  readonly zones: readonly PowercapZone[];
}

/**
 * Readings of all zones → counter samples. The first reading only tells from where counters rise; which domains there are
 * is decided at the second, since a platform counter (psys) that is not wired stands still from the start.
 */
export class PowercapAccount {
  readonly #channels = new Channels(SOURCE);
  readonly #check = new PlatformCheck();
  #first: Read | null = null;
  #rails: readonly Rail[] | null = null;

  take(zones: readonly PowercapZone[], at_s: Seconds): Batch[] {
    const read = { at_s, zones };
    if (this.#first === null) {
      this.#first = read;
      return [];
    }
    if (at_s <= this.#first.at_s) return [];
    if (this.#rails !== null) return [this.#batch(this.#rails, read)];
    const { rails, standing } = livingRails(this.#first, read);
    this.#rails = rails;
    for (const rail of rails) this.#read(rail, this.#first);
    const batch = this.#batch(rails, read);
    return [standing ? { ...batch, events: [...batch.events, psysStands(at_s)] } : batch];
  }

  trouble(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }

  #batch(rails: readonly Rail[], read: Read): Batch {
    const news = rails.map((rail) => this.#read(rail, read));
    const doubt = this.#check.add(news, read.at_s);
    const batch = this.#channels.batch(news, { at_s: read.at_s });
    return doubt === null ? batch : { ...batch, events: [...batch.events, doubt] };
  }

  #read(rail: Rail, { at_s, zones }: Read): ChannelNews {
    const channel = this.#channels.of(rail.domain.id, () => ({
      domain: rail.domain,
      options: { range_J: rail.range_J, stale_s: rail.domain.rank > 0 ? STALE_s : null },
    }));
    const zone = zones.find((one) => one.zone === rail.zone);
    return channel.energy(at_s, energyOf(zone), zone?.error ?? 'the zone is gone');
  }
}

function energyOf(zone: PowercapZone | undefined): Joules | null {
  return zone === undefined || zone.energy_uJ === null ? null : zone.energy_uJ * J_PER_uJ;
}

/** All rails, without a psys that did not rise between the two readings while a package did. */
function livingRails(
  first: Read,
  second: Read,
): { readonly rails: readonly Rail[]; readonly standing: boolean } {
  const rises = (rail: Rail): boolean => energyIn(first, rail) !== energyIn(second, rail);
  const rails = railsOf(second.zones, true);
  const psys = rails.find((rail) => rail.domain.id === PSYS);
  const others = rails.filter((rail) => rail.domain.id !== PSYS);
  if (psys === undefined || rises(psys) || !others.some(rises)) return { rails, standing: false };
  return { rails: railsOf(second.zones, false), standing: true };
}

function energyIn(read: Read, rail: Rail): Joules | null {
  return energyOf(read.zones.find((zone) => zone.zone === rail.zone));
}

function psysStands(at_s: Seconds): RecordedEvent {
  const detail = 'the platform counter (psys) stands still: this board does not wire it; it is left out';
  return { code: 'RAIL_MISSING', source: SOURCE, at_s, domain: PSYS, detail };
}

/** The platform contains the packages, so over any span it used at least as much. */
class PlatformCheck {
  #psys_J: Joules = 0;
  #packages_J: Joules = 0;
  #span_s: Seconds = 0;

  add(news: readonly ChannelNews[], at_s: Seconds): RecordedEvent | null {
    const samples = news.flatMap((one) => one.sample ?? []);
    const psys = samples.find((sample) => sample.domain === PSYS);
    const packages = samples.filter((sample) => isPackage(sample.domain));
    if (psys === undefined || packages.length === 0) return null;
    if (packages.some((sample) => sample.start_s !== psys.start_s)) return null;
    this.#psys_J += psys.energy_J;
    this.#packages_J += packages.reduce((sum_J, sample) => sum_J + sample.energy_J, 0);
    this.#span_s += psys.end_s - psys.start_s;
    return this.#span_s < CHECK_s ? null : this.#judge(at_s);
  }

  #judge(at_s: Seconds): RecordedEvent | null {
    const [psys_J, packages_J] = [this.#psys_J, this.#packages_J];
    this.#psys_J = 0;
    this.#packages_J = 0;
    this.#span_s = 0;
    if (psys_J >= packages_J * (1 - AGREEMENT_RATIO)) return null;
    const detail = `psys states ${psys_J.toFixed(1)} J, the packages inside it ${packages_J.toFixed(1)} J`;
    return { code: 'COUNTER_DISAGREES', source: SOURCE, at_s, domain: PSYS, detail };
  }
}

function isPackage(id: DomainId): boolean {
  return id.startsWith('package:');
}
