/** One value as powermetrics writes it: key and value on one line, no indent. */
export const PLIST_HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n' +
  '<plist version="1.0">\n';
export const PLIST_TAIL = '</plist>\n';

/** A whole number. */
export function integer(key: string, value: number): string {
  return `<key>${key}</key><integer>${Math.round(value)}</integer>\n`;
}

/** A number with six significant digits. */
export function real(key: string, value: number): string {
  return `<key>${key}</key><real>${sixDigits(value)}</real>\n`;
}

/** Text; the five characters that XML reserves are escaped. */
export function text(key: string, value: string): string {
  return `<key>${key}</key><string>${escapeXml(value)}</string>\n`;
}

/** `at`: ISO 8601 UTC; cut to whole seconds, as a plist date must be. */
export function date(key: string, at: string): string {
  return `<key>${key}</key><date>${at.slice(0, 19)}Z</date>\n`;
}

export function flag(key: string, value: boolean): string {
  return `<key>${key}</key><${value}/>\n`;
}

export function dict(body: string): string {
  return `<dict>\n${body}</dict>\n`;
}

export function array(key: string, items: readonly string[]): string {
  return `<key>${key}</key>\n<array>\n${items.join('')}</array>\n`;
}

/** C's `%g`: six significant digits, no trailing zeros, an exponent of two digits below 1e-4 and from 1e6 on. */
export function sixDigits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value).toLowerCase();
  const [mantissa = '', exponentText = '0'] = value.toExponential(5).split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const sign = exponent < 0 ? '-' : '+';
  return `${Number(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function escapeXml(value: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return value.replace(/[&<>"']/g, (found) => entities[found] ?? found);
}
