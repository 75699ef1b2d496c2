import { configurationKey } from '../src/core/history.ts';
import { recordedSetting } from '../src/core/recorded-setting.ts';
import type { EnergyRow, RunDocument, Summary, TrialResult } from '../src/core/result.ts';
import { noteOf } from './drawing.ts';
import { remembered } from './remembered.ts';

/** A model under one workload in one run, with the summary that is quoted for it. */
export interface Configuration {
  /** Unique among the configurations of a page: the model, and what tells it from its namesakes. */
  readonly label: string;
  readonly document: RunDocument;
  readonly summary: Summary;
}

/** One trial with the row of the headline domain. */
export interface ConfiguredTrial {
  readonly label: string;
  readonly document: RunDocument;
  readonly trial: TrialResult;
  readonly row: EnergyRow;
}

/** Configurations that a chart of many colours can tell apart. */
export const COLOURED = 6;

/** From here on runs of one configuration are a history. */
const REPEATED = 3;

const NAME_LIMIT = 60;

/** At most `limit` characters as a reader counts them; the middle gives way, since keys differ at both ends. */
export function shortName(name: string, limit: number = NAME_LIMIT): string {
  if (name.length <= limit) return name;
  const letters = [...new Intl.Segmenter().segment(name.slice(0, 4096))].map(({ segment }) => segment);
  if (letters.length <= limit) return name;
  const head = Math.ceil((limit - 1) * 0.6);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (limit - 1 - head)).join('')}`;
}

/** Headline summaries of whole workloads, cheapest net J/token first; those without a figure last. */
export const configurations = remembered((documents: readonly RunDocument[]): readonly Configuration[] => {
  const cost = ({ summary }: Configuration): number => summary.net_JPerTok.value ?? Number.POSITIVE_INFINITY;
  const found = documents.flatMap((document) =>
    document.summary
      .filter((summary) => summary.headline && summary.category === 'all')
      .map((summary) => ({ label: shortName(summary.model), document, summary })),
  );
  const named = NAMERS.reduce(toldApart, found);
  return named.sort((a, b) => compareNumbers(cost(a), cost(b)));
});

/**
 * The same, but of one that was measured three times or more only its newest run: the others are its history, which has
 * a chart of its own.
 */
export const standing = remembered((documents: readonly RunDocument[]): readonly Configuration[] => {
  const all = configurations(documents);
  const times = new Map<string, Configuration[]>();
  for (const one of all) {
    const key = configurationKey(one.document, one.summary);
    times.set(key, [...(times.get(key) ?? []), one]);
  }
  const newest = new Set(
    [...times.values()].flatMap((same) => (same.length < REPEATED ? same : [same.reduce(newerOf)])),
  );
  return all.filter((one) => newest.has(one));
});

/** The six cheapest: what is drawn where every configuration has a colour of its own. */
export function colouredConfigurations(documents: readonly RunDocument[]): readonly Configuration[] {
  return standing(documents).slice(0, COLOURED);
}

/** Says which configurations a coloured chart leaves out. */
export function leftOutNote(documents: readonly RunDocument[]): string | null {
  const count = standing(documents).length;
  const cut =
    count <= COLOURED
      ? ''
      : `Drawn are the ${COLOURED} cheapest of ${count} configurations; all are in the ranking.`;
  return noteOf(cut, newestNote(documents));
}

/** Says that earlier runs of a configuration are not drawn. */
export function newestNote(documents: readonly RunDocument[]): string | null {
  return standing(documents).length === configurations(documents).length
    ? null
    : 'Of a configuration measured three times or more only the newest run is drawn; the history has all.';
}

/** Trials of these configurations that have a row of the headline domain, in order of time. */
export function configuredTrials(of: readonly Configuration[]): ConfiguredTrial[] {
  return of.flatMap((configuration) => trialsOf(configuration));
}

const trialsOf = remembered(({ label, document, summary }: Configuration): readonly ConfiguredTrial[] => {
  const found: ConfiguredTrial[] = [];
  for (const trial of document.trials) {
    if (trial.model !== summary.model || trial.workload !== summary.workload) continue;
    const row = trial.energy.find((candidate) => candidate.domain === document.headline);
    if (row !== undefined) found.push({ label, document, trial, row });
  }
  return found;
});

/** What a machine is called: its model, else its chip, else what it runs. */
export function machineOf({ machine, chip, os }: RunDocument['environment']): string {
  return machine ?? chip ?? os;
}

/** What the run's server said of a model or its load, by name; null where it did not. Of several models each says whose. */
export function settingOf(
  { document, summary }: Configuration,
  name: string,
): string | number | boolean | null {
  return recordedSetting(document, summary.model, name);
}

function newerOf(a: Configuration, b: Configuration): Configuration {
  return b.document.run.startedAt > a.document.run.startedAt ? b : a;
}

type Namer = (configuration: Configuration, index: number) => string;

const NAMERS: readonly Namer[] = [
  ({ summary }) => shortName(summary.workload, 24),
  ({ document: { environment } }) => shortName(machineOf(environment), 24),
  ({ document }) => document.run.startedAt.slice(0, 16).replace('T', ' '),
  (_configuration, index) => `#${index + 1}`,
];

/** Adds what `namer` says to labels that are not unique yet. */
function toldApart(found: readonly Configuration[], namer: Namer): Configuration[] {
  const times = new Map<string, number>();
  for (const { label } of found) times.set(label, (times.get(label) ?? 0) + 1);
  const named = found.map((configuration, index) => ({
    ...configuration,
    label:
      (times.get(configuration.label) ?? 0) > 1
        ? `${configuration.label} · ${namer(configuration, index)}`
        : configuration.label,
  }));
  return new Set(named.map(({ label }) => label)).size > times.size ? named : [...found];
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
