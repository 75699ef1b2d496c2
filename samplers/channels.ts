import type { CodeId } from '../src/core/codes.ts';
import type { Batch, Domain, DomainId } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';
import { Channel, type ChannelNews, type ChannelOptions } from './channel.ts';
import { Observer } from './gpu/observer.ts';

/** Observations of one thing: `gpu:0` → `{temperature_C: 61}`. */
export type Facts = Readonly<Record<string, string | number | null>>;

/** All domains of one stream: opened when they first appear, announced with the batch in which they do. */
export class Channels {
  readonly #source: string;
  readonly #channels = new Map<DomainId, Channel>();
  readonly #observer: Observer;
  #isNew = false;

  constructor(source: string) {
    this.#source = source;
    this.#observer = new Observer(source);
  }

  /** The channel of this id; `make` declares it when it is new. */
  of(id: DomainId, make: () => { readonly domain: Domain; readonly options?: ChannelOptions }): Channel {
    const known = this.#channels.get(id);
    if (known !== undefined) return known;
    const { domain, options = {} } = make();
    const channel = new Channel(domain, options);
    this.#channels.set(id, channel);
    this.#isNew = true;
    return channel;
  }

  known(id: DomainId): Channel | null {
    return this.#channels.get(id) ?? null;
  }

  ids(): DomainId[] {
    return [...this.#channels.keys()];
  }

  batch(
    news: readonly ChannelNews[],
    { at_s, facts = {} }: { readonly at_s: Seconds; readonly facts?: Readonly<Record<string, Facts>> },
  ): Batch {
    const announce = this.#isNew;
    this.#isNew = false;
    return {
      samples: news.flatMap((one) => one.sample ?? []),
      observations: Object.entries(facts).flatMap(([prefix, own]) =>
        this.#observer.observe(prefix, at_s, own),
      ),
      events: news.flatMap((one) => one.events),
      ...(announce && { domains: [...this.#channels.values()].map((channel) => channel.domain) }),
    };
  }

  /** Something that the source said instead of a reading. */
  trouble(code: CodeId, at_s: Seconds, detail: string): Batch {
    const event = { code, source: this.#source, at_s, domain: null, detail };
    return { samples: [], observations: [], events: [event] };
  }
}
