/**
 * Colours are CSS variables, so that one drawing serves light, dark and high-contrast pages. Where there is no CSS
 * (SVG files, PNG, PDF) the renderer puts `LIGHT_PALETTE` in their place. Categorical hues keep their order in every
 * palette and differ in lightness too, so that they hold without colour vision.
 */
export const INK = 'var(--ink)';
export const MUTED = 'var(--muted)';
export const GRID = 'var(--grid)';
export const PAPER = 'var(--paper)';
/** Idle power under or beside what a request adds to it. */
export const BAND_IDLE = 'var(--idle)';

export const LIGHT_PALETTE: Readonly<Record<string, string>> = {
  '--ink': '#1b1f24',
  '--muted': '#5b6572',
  '--grid': '#e3e7ec',
  '--paper': '#ffffff',
  '--hue-1': '#0b5fa5',
  '--hue-2': '#c4570a',
  '--hue-3': '#14805e',
  '--hue-4': '#8a3fa0',
  '--hue-5': '#7a6a00',
  '--hue-6': '#b02a4c',
  '--band-baseline': '#dfe8f2',
  '--band-inference': '#fbe3cd',
  '--band-cooldown': '#e3f1ea',
  '--band-other': '#eceaf3',
  '--idle': '#c9d3de',
};

export const DARK_PALETTE: Readonly<Record<string, string>> = {
  '--ink': '#e8ecf1',
  '--muted': '#9aa6b5',
  '--grid': '#2c343e',
  '--paper': '#14181d',
  '--hue-1': '#6cb4f2',
  '--hue-2': '#f2a15a',
  '--hue-3': '#5cc9a0',
  '--hue-4': '#cf9be0',
  '--hue-5': '#d8c65a',
  '--hue-6': '#f08aa5',
  '--band-baseline': '#1d2a38',
  '--band-inference': '#3a2a1a',
  '--band-cooldown': '#1b3029',
  '--band-other': '#28243a',
  '--idle': '#46525f',
};

export const CONTRAST_PALETTE: Readonly<Record<string, string>> = {
  ...LIGHT_PALETTE,
  '--ink': '#000000',
  '--muted': '#000000',
  '--grid': '#a8a8a8',
  '--hue-1': '#003a70',
  '--hue-2': '#7a3000',
  '--hue-3': '#00472f',
  '--hue-4': '#4f1466',
  '--hue-5': '#4a4000',
  '--hue-6': '#6e0024',
  '--idle': '#8a949f',
};

/** For those who ask for high contrast in the dark. */
export const DARK_CONTRAST_PALETTE: Readonly<Record<string, string>> = {
  ...DARK_PALETTE,
  '--ink': '#ffffff',
  '--muted': '#ffffff',
  '--grid': '#6b6b6b',
  '--paper': '#000000',
  '--hue-1': '#8fd0ff',
  '--hue-2': '#ffc285',
  '--hue-3': '#7df0c4',
  '--hue-4': '#ecc4ff',
  '--hue-5': '#fff08a',
  '--hue-6': '#ffb3c7',
};

/** Hues in order of use. */
export const HUES = [
  'var(--hue-1)',
  'var(--hue-2)',
  'var(--hue-3)',
  'var(--hue-4)',
  'var(--hue-5)',
  'var(--hue-6)',
] as const;

/** Background of a phase on a time axis. */
export const PHASE_BANDS = {
  domain: ['baseline', 'inference', 'cooldown', 'load', 'warmup', 'idle'],
  range: [
    'var(--band-baseline)',
    'var(--band-inference)',
    'var(--band-cooldown)',
    'var(--band-other)',
    'var(--band-other)',
    'var(--band-baseline)',
  ],
} as const;

/** What a page asks for; files carry Inter instead, which ships. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** Vega-Lite configuration shared by all reports. */
export const THEME_CONFIG = {
  background: 'transparent',
  padding: 4,
  // The figure around a chart is one labelled image; marks with labels of their own would be read out one by one.
  aria: false,
  view: { stroke: null },
  axis: {
    labelColor: MUTED,
    titleColor: MUTED,
    domainColor: MUTED,
    tickColor: MUTED,
    gridColor: GRID,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelLimit: { expr: 'width < 460 ? 120 : 230' },
  },
  // Half of the labels that would fit: a grid is there to be read, not to fill the picture.
  axisX: { tickCount: { expr: 'ceil(width / 85)' } },
  axisY: { tickCount: { expr: 'ceil(height / 45)' } },
  legend: {
    labelColor: INK,
    titleColor: MUTED,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    orient: 'top',
    symbolStrokeWidth: 2,
    symbolOpacity: 1,
    columns: { expr: 'width < 460 ? 2 : 4' },
    rowPadding: 4,
    labelLimit: { expr: 'width < 460 ? 220 : 260' },
  },
  header: { labelColor: INK, titleColor: MUTED, labelFontSize: 11 },
  title: {
    anchor: 'start',
    color: INK,
    subtitleColor: MUTED,
    fontSize: 17,
    fontWeight: 600,
    subtitleFontSize: 11,
    subtitleLineHeight: 15,
    subtitlePadding: 6,
    offset: 14,
  },
  text: { color: INK, fontSize: 11 },
  rule: { color: INK },
  range: { category: HUES },
} as const;
