import { CONTRAST_PALETTE, DARK_PALETTE, LIGHT_PALETTE } from '../../reports/theme.ts';

function variables(palette: Readonly<Record<string, string>>): string {
  return Object.entries(palette)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
}

/** The whole style of a page: light, dark, high contrast, narrow screens, print. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;${variables(LIGHT_PALETTE)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK_PALETTE)}}}
@media (prefers-contrast:more){:root{color-scheme:light;${variables(CONTRAST_PALETTE)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:54rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.05rem;font-weight:600;color:var(--muted);margin:0 0 .5rem}
.answer{font-size:1.6rem;line-height:1.25;font-weight:650;margin:0 0 .5rem;text-wrap:balance}
.sure{color:var(--muted);margin:0 0 1.5rem}
.simulated{border:2px solid var(--hue-2);border-radius:.4rem;padding:.5rem .8rem;margin:0 0 1.5rem;font-weight:600}
h2{font-size:1.15rem;margin:2.5rem 0 .5rem}
figure{margin:0 0 1rem}
.drawing{overflow-x:auto}
.drawing svg{max-width:100%;height:auto}
figcaption,.note{color:var(--muted);font-size:.9rem;max-width:44rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--grid);vertical-align:top}
th.number,td.number{text-align:right}
thead th{color:var(--muted);font-weight:500;white-space:nowrap}
thead button{all:unset;cursor:pointer}
thead button:focus-visible,input:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--hue-1);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" ↑"}
th[aria-sort=descending] button::after{content:" ↓"}
input[data-filter]{font:inherit;padding:.35rem .6rem;border:1px solid var(--muted);border-radius:.3rem;background:var(--paper);color:var(--ink);margin:0 0 .5rem;max-width:100%}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.9em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;font-size:.92rem}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
td,th{overflow-wrap:anywhere}
summary{cursor:pointer;padding:.3rem 0}
@media (max-width:40rem){.answer{font-size:1.3rem}dl{grid-template-columns:1fr}dd{margin:0 0 .4rem}}
@media print{:root{${variables(LIGHT_PALETTE)}}main{max-width:none;padding:0}input[data-filter]{display:none}figure,table{break-inside:avoid}details>*{display:block}}
`;
