import { significant, spanText } from '../core/number-text.ts';
import type { Estimate, LifecycleResult, PartSummary, RunDocument } from '../core/result.ts';
import { safeText } from './text-table.ts';

/** Prefill and decode of each model in the headline domain, each with how it was told apart. */
export function partsLines({ summary }: RunDocument): string[] {
  return summary.flatMap(({ category, headline, model, parts }) => {
    if (!headline || category !== 'all' || parts === undefined) return [];
    const fit =
      parts.regression === null ? '' : ` (decode at ${Math.round(parts.regression.context_tok)} tokens)`;
    return [`${safeText(model)}: prefill ${partText(parts.prefill)}, decode ${partText(parts.decode)}${fit}`];
  });
}

/** What a model costs without being asked, in the headline domain. */
export function lifecycleLines({ lifecycle = [] }: RunDocument): string[] {
  return lifecycle.filter(({ headline }) => headline).flatMap(modelLines);
}

function modelLines(one: LifecycleResult): string[] {
  const idle = [
    ['server closed', one.closed_W],
    ['server open', one.open_W],
    ['model resident', one.resident_W],
  ] as const;
  const powers = idle
    .filter(([, { value }]) => value !== null)
    .map(([name, power]) => `${name} ${withInterval(power, 'W')}`);
  const lines = [`${one.domain} idle: ${powers.length === 0 ? 'not measured' : powers.join(', ')}`];
  if (one.model === null) return lines;
  const breakEven =
    one.breakEven_s === null
      ? 'residency cannot be told from no cost'
      : `loading anew pays after ${spanText(one.breakEven_s)} of idle`;
  return [
    ...lines,
    `${safeText(one.model)}: residency ${withInterval(one.residency_W, 'W')}; ${breakEven}`,
    `load ${significant(one.load_s.value)} s, ${significant(one.load_J.value)} J, ${significant(one.netLoad_J.value)} J net; n = ${one.n}`,
  ];
}

function partText({ method, net_JPerTok }: PartSummary): string {
  return method === 'none' ? 'not resolvable' : `${withInterval(net_JPerTok, 'J/token net')} by ${method}`;
}

function withInterval({ ci95, value }: Estimate, unit: string): string {
  if (ci95 === null) return `${significant(value)} ${unit}`;
  return `${significant(value)} ${unit} (95 %: ${significant(ci95[0])} … ${significant(ci95[1])})`;
}
