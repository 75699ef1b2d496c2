import { significant, spanText } from '../../core/number-text.ts';
import { S_PER_MINUTE } from '../../core/units.ts';
import { cutToWidth, displayWidth } from '../display-width.ts';
import { safeText } from '../text-table.ts';
import { sparkline } from '../watch/sparkline.ts';
import type { WatchedDomain } from '../watch/watched-power.ts';
import type { RunGlance } from './run-state.ts';

interface Part {
  readonly text: string;
  /** Parts with the highest number are left out first where there is no room. 0: never. */
  readonly expendable: number;
}

const GAP = '  ';
const LEAST_COURSE = 4;
const MOST_COURSE = 32;
/** A prompt's name gives way before any figure does, down to the last of these. */
const NAME_WIDTHS = [40, 20, 12, 8] as const;
/** Parts up to this are figures that a run is watched for. */
const NEEDED = 3;

/**
 * One line of at most `width` columns: place, phase, tokens, joules so far, power of the widest domain with its course,
 * time left; further rails and the rate where there is room.
 */
export function progressLine(glance: RunGlance, domains: readonly WatchedDomain[], width: number): string {
  const [widest, ...rails] = domains;
  const left: Part = { text: `${clockText(glance.remaining_s)} left`, expendable: 1 };
  if (widest === undefined) return joined(fitting(placed(glance, [left], width), width));
  const power: Part = { text: `${powerText(widest)} ${' '.repeat(LEAST_COURSE)}`, expendable: 0 };
  const others = rails.map((rail, i): Part => ({ text: powerText(rail), expendable: 6 + i }));
  const kept = fitting(placed(glance, [power, ...others, left], width), width);
  const line = joined(kept);
  if (displayWidth(line) > width || !kept.includes(left)) {
    const bare: Part = { text: powerText(widest), expendable: 0 };
    return joined(fitting(placed(glance, [bare, left], width), width));
  }
  const room = Math.min(MOST_COURSE, LEAST_COURSE + width - displayWidth(line));
  const text = `${powerText(widest)} ${sparkline(widest.course_W, room)}`.trimEnd();
  return joined(kept.map((part) => (part === power ? { ...part, text } : part)));
}

/** The same without power, for a view that has it elsewhere. */
export function glanceLine(glance: RunGlance, width: number): string {
  const model: Part[] = glance.model === null ? [] : [{ text: safeText(glance.model), expendable: 7 }];
  const left: Part = { text: `${spanText(glance.remaining_s)} left`, expendable: 1 };
  return joined(fitting(placed(glance, [...model, left], width), width));
}

/** Place and phase before the other parts, the prompt's name as long as the needed ones leave room for. */
function placed(glance: RunGlance, others: readonly Part[], width: number): Part[] {
  const fits = (name_columns: number): boolean => {
    const parts = [...placeParts(glance, name_columns), ...others];
    return displayWidth(joined(parts.filter(({ expendable }) => expendable <= NEEDED))) <= width;
  };
  const least = NAME_WIDTHS.at(-1) ?? 0;
  return [...placeParts(glance, NAME_WIDTHS.find(fits) ?? least), ...others];
}

function placeParts(glance: RunGlance, name_columns: number): Part[] {
  const { elapsed_s, energy_J, phase, planned_s, prompt, tokPerS, tokens, trial, trials } = glance;
  const span = planned_s === null ? '' : `/${planned_s.toFixed(0)}`;
  const name = cutToWidth(safeText(prompt ?? ''), name_columns);
  const rate: Part[] = tokPerS === null ? [] : [{ text: `${significant(tokPerS)} tok/s`, expendable: 5 }];
  return [
    ...(trial === null ? [] : [{ text: `[${trial}/${trials ?? '?'}] ${name}`, expendable: 2 }]),
    { text: `${safeText(phase)} ${elapsed_s.toFixed(0)}${span} s`, expendable: 0 },
    ...(tokens > 0 ? [{ text: `${tokens} tok`, expendable: 0 }, ...rate] : []),
    ...(energy_J === null ? [] : [{ text: `${significant(energy_J)} J`, expendable: 3 }]),
  ];
}

function powerText({ domain, power_W }: WatchedDomain): string {
  return `${safeText(domain)} ${significant(power_W)} W`;
}

function fitting(parts: readonly Part[], width: number): Part[] {
  const kept = [...parts];
  while (displayWidth(joined(kept)) > width) {
    const most = Math.max(...kept.map(({ expendable }) => expendable));
    if (most === 0) break;
    kept.splice(
      kept.findLastIndex(({ expendable }) => expendable === most),
      1,
    );
  }
  return kept;
}

function joined(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join(GAP);
}

/** 95 → `1:35`, 3725 → `1:02:05`. */
function clockText(duration_s: number): string {
  const whole = Math.max(0, Math.round(duration_s));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [minutes, seconds] = [Math.floor(whole / S_PER_MINUTE), whole % S_PER_MINUTE];
  return minutes < S_PER_MINUTE
    ? `${minutes}:${two(seconds)}`
    : `${Math.floor(minutes / S_PER_MINUTE)}:${two(minutes % S_PER_MINUTE)}:${two(seconds)}`;
}
