import { CONTRAST_PALETTE, DARK_CONTRAST_PALETTE, DARK_PALETTE, LIGHT_PALETTE } from '../../reports/theme.ts';
import { FIGURES_STYLE } from './page-figures.ts';

function variables(palette: Readonly<Record<string, string>>): string {
  return Object.entries(palette)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
}

/** The whole style of a page: light, dark, high contrast, narrow screens, print. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;${variables(LIGHT_PALETTE)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK_PALETTE)}}}
@media (prefers-contrast:more){:root{${variables(CONTRAST_PALETTE)}}}
@media (prefers-contrast:more) and (prefers-color-scheme:dark){:root{${variables(DARK_CONTRAST_PALETTE)}}}
@media (forced-colors:active){:root{--ink:CanvasText;--muted:CanvasText;--grid:CanvasText;--paper:Canvas}.drawing,.bar{forced-color-adjust:none;background:#fff;${variables(CONTRAST_PALETTE)}}.drawing{padding:.5rem}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:64rem;margin:0 auto;padding:2.2rem 1.25rem 4rem}
a{color:var(--hue-1)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.4rem .8rem}
h1{font-size:.95rem;font-weight:400;color:var(--muted);margin:0 0 1.4rem;letter-spacing:.01em}
h1 b{color:var(--ink);font-weight:700}
.answer{font-size:clamp(1.35rem,4.2vw,2.05rem);line-height:1.2;font-weight:680;letter-spacing:-.015em;margin:0 0 .7rem;text-wrap:balance;overflow-wrap:anywhere}
.sure{color:var(--muted);margin:0 0 1.5rem;max-width:46rem}
.simulated{border-left:4px solid var(--hue-2);background:var(--band-inference);padding:.55rem .9rem;margin:0 0 1.5rem;font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:0}
.tiles>div{border:1px solid var(--grid);border-radius:.6rem;padding:.7rem .9rem}
.tiles dt{color:var(--muted);font-size:.85rem}
.tiles dd{margin:0;font-size:.85rem;color:var(--muted)}
.tiles b{display:block;font-size:1.6rem;line-height:1.25;font-weight:650;color:var(--ink);font-variant-numeric:tabular-nums}
.tiles small{display:block;font-size:.8rem}
h2{font-size:1.2rem;line-height:1.3;letter-spacing:-.005em;margin:3rem 0 .6rem;text-wrap:balance}
figure{margin:0}
.drawing{overflow-x:auto}
.drawing svg{display:block;max-width:100%;height:auto}
figcaption,.note{color:var(--muted);font-size:.88rem;line-height:1.45;max-width:46rem;margin:.5rem 0 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
th,td{text-align:left;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--grid);vertical-align:top;font-weight:400}
tbody th{font-weight:550;min-width:13rem;max-width:20rem;overflow-wrap:anywhere}
#doubts+*+.scroll tbody th{min-width:0;overflow-wrap:normal;white-space:nowrap}
#ranking-table tbody tr:first-child th{font-weight:700}
th.number,td.number,${FIGURES_STYLE}{text-align:right;white-space:nowrap}
thead th{color:var(--muted);white-space:nowrap;vertical-align:bottom}
tr:target{background:var(--band-inference)}
thead button{all:unset;cursor:pointer}
thead button:hover{color:var(--ink)}
:focus-visible{outline:3px solid var(--hue-1);outline-offset:2px;border-radius:2px}
thead button:focus-visible{outline:3px solid var(--hue-1);outline-offset:2px}
thead button::after{content:"";display:inline-block;width:.9em;text-align:right}
th[aria-sort=ascending] button::after{content:"↑"}
th[aria-sort=descending] button::after{content:"↓"}
.bar{display:block;width:7rem;height:6px;margin:.25rem 0 0 auto;border-radius:3px}
.filter{margin:0 0 .4rem;color:var(--muted);font-size:.88rem}
input[data-filter]{font:inherit;padding:.35rem .7rem;border:1px solid var(--muted);border-radius:.4rem;background:var(--paper);color:var(--ink);width:16rem;max-width:100%}
code,.code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.85em}
td small{display:block;color:var(--muted);font-size:.8rem;white-space:nowrap}
td.codes{min-width:13rem}
a.code{color:var(--muted);text-decoration:none;display:inline-block;white-space:nowrap;border:1px solid var(--grid);border-radius:.3rem;padding:0 .3rem;margin:0 .1rem .2rem 0;font-size:.72rem}
a.code:hover{color:var(--ink);border-color:var(--muted)}
.severity{font-size:.8rem;border-radius:.3rem;padding:.05rem .4rem;border:1px solid var(--grid)}
.severity.doubt{border-color:var(--hue-2);color:var(--hue-2)}
.severity.void{border-color:var(--hue-6);color:var(--hue-6);font-weight:700}
.method{padding-left:1.1rem;max-width:46rem}.method li{margin:.35rem 0}
.facts{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem 1.2rem;font-size:.9rem;margin:.6rem 0 1rem}
.facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
summary{cursor:pointer;padding:.35rem 0;font-weight:550;overflow-wrap:anywhere}
#vg-tooltip{position:fixed;z-index:9;pointer-events:none;background:var(--paper);color:var(--ink);border:1px solid var(--muted);border-radius:.4rem;padding:.4rem .6rem;font-size:.82rem;max-width:20rem;box-shadow:0 2px 10px #0003;overflow-wrap:anywhere}
#vg-tooltip span{color:var(--muted)}
footer{margin-top:3rem}
@media (max-width:40rem){main{padding-top:1.4rem}tbody th{min-width:8.5rem;max-width:42vw}td.codes{min-width:11rem}.tiles{grid-template-columns:1fr 1fr}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin:0 0 .5rem}.tiles b{font-size:1.35rem}}
@media print{:root{color-scheme:light;${variables(LIGHT_PALETTE)}}body{font-size:10.5pt}main{max-width:none;padding:0}.filter,.skip,#vg-tooltip{display:none}section>figure,.tiles>div,tr{break-inside:avoid}h2{break-after:avoid}.scroll,.drawing{overflow:visible}.drawing svg{overflow:visible}table{font-size:8pt}th,td{padding-right:.5rem}tbody th{min-width:0}td.codes{min-width:0}a.code{border:0;padding:0}}
`;
