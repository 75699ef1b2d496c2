import type { Seconds } from '../../src/core/units.ts';
import { numberOrNull } from '../stated-number.ts';
import { type Cells, cellOf, flatCells } from './cells.ts';

export interface Board {
  readonly index: number;
  readonly cells: Cells;
}

/**
 * Boards of one document: a list of `{gpu: 0, …}` or `{gpu_data: [ … ]}` of amd-smi, `{card0: { … }}` of rocm-smi. Empty
 * where it holds none.
 */
export function boardsOf(document: unknown): Board[] {
  if (Array.isArray(document)) return document.flatMap(boardsOfItem);
  if (!isObject(document)) return [];
  const listed = document['gpu_data'];
  if (Array.isArray(listed)) return listed.flatMap(boardsOfItem);
  const own = boardsOfItem(document);
  return own.length > 0 ? own : Object.entries(document).flatMap(([key, value]) => cardOf(key, value));
}

/** Whole seconds of wall time, where the tool prints them. */
export function stampOf(boards: readonly Board[]): Seconds | null {
  return numberOrNull(cellOf(boards[0]?.cells ?? new Map(), ['timestamp']));
}

/** Names of a CSV header of either tool; null for any other line. */
export function csvHeader(text: string): string[] | null {
  const names = text.split(',').map((name) => name.trim());
  return names.length > 1 && (names.includes('gpu') || names[0] === 'device') ? names : null;
}

/** A CSV line as a board; null where it does not fit the header. */
export function csvBoard(text: string, header: readonly string[]): Board | null {
  const values = text.split(',').map((cell) => cell.trim());
  if (values.length !== header.length) return null;
  const cells = new Map(header.map((name, i) => [name, values[i] ?? '']));
  const index =
    indexOf(cells.get('gpu') ?? '') ?? indexOf(/^card(\d+)$/.exec(cells.get('device') ?? '')?.[1] ?? '');
  return index === null ? null : { index, cells };
}

function boardsOfItem(item: unknown): Board[] {
  if (!isObject(item)) return [];
  const index = indexOf(String(item['gpu']));
  return index === null ? [] : [{ index, cells: flatCells(item) }];
}

function cardOf(key: string, value: unknown): Board[] {
  const index = indexOf(/^card(\d+)$/.exec(key)?.[1] ?? '');
  return index === null || !isObject(value) ? [] : [{ index, cells: flatCells(value) }];
}

function indexOf(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
