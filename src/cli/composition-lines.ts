import type { Composition } from '../../samplers/compose.ts';
import { safeText } from './text-table.ts';
import { wrapped } from './wrapped.ts';

/** One line a source: `+` taking part, `–` left out, and why. */
export function compositionLines({ kept, leftOut }: Composition, width: number): string[] {
  const line = (mark: string, one: Composition['kept'][number]): string[] =>
    wrapped(`  ${mark} ${one.id}: ${safeText(one.reason)}`, width);
  return [...kept.flatMap((one) => line('+', one)), ...leftOut.flatMap((one) => line('– left out', one))];
}

/** What a run would read, said before it does. */
export function plannedSourceLines(composition: Composition, width: number): string[] {
  return composition.kept.length === 0
    ? ['sources   none answers: speed only, no joules']
    : ['sources', ...compositionLines(composition, width)];
}
