import type { Batch, Domain, DomainId } from '../core/sample.ts';

/** What the register needs to know of a sampler. */
export interface DomainSource {
  readonly id: string;
  domains(): readonly Domain[];
}

/**
 * The domains of a recording, by id. Two sources may give the same domain (`cpu` of powermetrics and of another
 * meter): the source named first keeps the plain id, the other's becomes `cpu@source`, so that no energy is counted
 * twice. Domains are listed once a stream has announced them.
 */
export class DomainRegister {
  private readonly sources: readonly DomainSource[];
  private readonly owner = new Map<DomainId, number>();
  private readonly announced = new Map<DomainId, Domain>();
  private readonly seen = new Set<number>();
  private changed = new Set<DomainId>();

  constructor(sources: readonly DomainSource[]) {
    this.sources = sources;
    sources.forEach((source, index) => {
      for (const { id } of source.domains()) if (!this.owner.has(id)) this.owner.set(id, index);
    });
  }

  /** Announced so far, in order of announcement. */
  list(): readonly Domain[] {
    return [...this.announced.values()];
  }

  /** New or changed since the last call. */
  takeChanged(): readonly Domain[] {
    const domains = this.list().filter(({ id }) => this.changed.has(id));
    this.changed = new Set();
    return domains;
  }

  /** Notes what a batch announces (first samples without it: what the source declares) and makes its ids the recording's. */
  admit(source: number, batch: Batch): Batch {
    const isSilent = this.seen.has(source) || batch.samples.length === 0;
    const domains = batch.domains ?? (isSilent ? [] : (this.sources[source]?.domains() ?? []));
    if (batch.domains !== undefined || batch.samples.length > 0) this.seen.add(source);
    for (const domain of domains) this.announce(source, domain);
    if (this.keepsIds(source, batch)) return batch;
    return {
      samples: batch.samples.map((sample) => ({ ...sample, domain: this.idOf(source, sample.domain) })),
      observations: batch.observations,
      events: batch.events.map((event) => ({ ...event, domain: this.idOrNull(source, event.domain) })),
      ...(batch.domains && { domains: batch.domains.map((domain) => this.renamed(source, domain)) }),
    };
  }

  private keepsIds(source: number, batch: Batch): boolean {
    const keeps = (id: DomainId): boolean => this.idOf(source, id) === id;
    return (
      batch.samples.every(({ domain }) => keeps(domain)) &&
      batch.events.every(({ domain }) => domain === null || keeps(domain)) &&
      (batch.domains ?? []).every(({ id, parent }) => keeps(id) && (parent === null || keeps(parent)))
    );
  }

  private announce(source: number, domain: Domain): void {
    const own = this.renamed(source, domain);
    this.announced.set(own.id, own);
    this.changed.add(own.id);
  }

  private renamed(source: number, domain: Domain): Domain {
    return { ...domain, id: this.idOf(source, domain.id), parent: this.idOrNull(source, domain.parent) };
  }

  private idOrNull(source: number, id: DomainId | null): DomainId | null {
    return id === null ? null : this.idOf(source, id);
  }

  private idOf(source: number, id: DomainId): DomainId {
    let own = id;
    for (let again = 1; this.ownerOf(own, source) !== source; again++) {
      own = `${id}@${this.sources[source]?.id ?? source}${again === 1 ? '' : `#${again}`}`;
    }
    return own;
  }

  private ownerOf(id: DomainId, claimant: number): number {
    const owner = this.owner.get(id);
    if (owner !== undefined) return owner;
    this.owner.set(id, claimant);
    return claimant;
  }
}
