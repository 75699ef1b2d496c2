import { readFile } from 'node:fs/promises';

/**
 * The scripts of a page, each on its own: the Vega runtime, its expression interpreter (so that no `unsafe-eval` is
 * needed), and the page's own. Read from the installed packages when a page is written.
 */
export async function pageScripts(): Promise<string[]> {
  const runtime = await readFile(new URL('vega.min.js', import.meta.resolve('vega')), 'utf8');
  const interpreter = await readFile(new URL(import.meta.resolve('vega-interpreter')), 'utf8');
  return [closed(runtime), closed(asPlainScript(interpreter)), PAGE_SCRIPT];
}

/** The interpreter is published as a module only: its imports come from the runtime's global, its export becomes one. */
function asPlainScript(module: string): string {
  const body = module
    .replace(
      /import\s*\{([^}]*)\}\s*from\s*['"]vega-util['"];?/,
      (_line, names: string) => `const {${names}} = vega;`,
    )
    .replace(
      /export\s*\{\s*expression as expressionInterpreter\s*\};?/,
      'globalThis.expressionInterpreter = expression;',
    )
    .replace(/^\/\/# sourceMappingURL=.*$/m, '');
  return `(() => {${body}})();`;
}

/** No text of a script may close its element. */
function closed(script: string): string {
  return script.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '<\\!--');
}

/** Drawings are there from the start; Vega takes a chart over (tooltips) when it comes into view. Tables sort and filter. */
const PAGE_SCRIPT = `(() => {
  'use strict';
  const draw = (figure) => {
    const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const host = document.createElement('div');
    const view = new vega.View(vega.parse(spec, undefined, { ast: true }), { renderer: 'svg', expr: expressionInterpreter, hover: true, logLevel: vega.Error });
    view.initialize(host);
    view.runAsync().then(() => {
      const drawing = figure.querySelector('.drawing');
      drawing.replaceChildren(host);
      figure.dataset.live = 'true';
    });
  };
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: '100px' });
  for (const figure of document.querySelectorAll('figure[data-chart]')) seen.observe(figure);

  const cellValue = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.value);
  };
  for (const table of document.querySelectorAll('table[data-sortable]')) {
    table.querySelectorAll('thead th').forEach((heading, column) => {
      const button = heading.querySelector('button');
      button.addEventListener('click', () => {
        const up = heading.getAttribute('aria-sort') !== 'ascending';
        for (const other of table.querySelectorAll('thead th')) other.removeAttribute('aria-sort');
        heading.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((a, b) => {
          const x = cellValue(a, column);
          const y = cellValue(b, column);
          if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
          return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
        });
        body.append(...rows);
      });
    });
  }
  for (const field of document.querySelectorAll('input[data-filter]')) {
    field.hidden = false;
    field.addEventListener('input', () => {
      const wanted = field.value.toLowerCase();
      for (const row of document.getElementById(field.dataset.filter).tBodies[0].rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
      }
    });
  }
})();`;
