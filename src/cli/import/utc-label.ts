import { utcLabelOf } from '../../core/clock.ts';
import { LmpowerError } from '../../core/errors.ts';

/** Date and time of day, finer than a millisecond or not; a zone, where there is one. */
const LABEL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,3})?\d*(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * A time of another program as ISO 8601 UTC. One without a zone was local time of a machine that nobody knows: it is
 * taken as it stands. Source: Python's `datetime.isoformat`. @throws {LmpowerError} IMPORT_INVALID
 */
export function utcLabel(text: string): string {
  const [, day, time, fraction = '', zone = 'Z'] = LABEL.exec(text.trim()) ?? [];
  const label = day === undefined ? null : utcLabelOf(`${day}T${time}${fraction}${zone}`);
  if (label !== null && !label.startsWith('-') && label >= '1970') return label;
  throw new LmpowerError('IMPORT_INVALID', `'${text}' is not a time such as 2026-01-04T17:00:00.`);
}
