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

/** Drawings are there from the start; Vega takes a chart over (tooltips, width) when it comes into view. Tables sort and filter. */
const PAGE_SCRIPT = `(() => {
  'use strict';
  const tip = document.createElement('div');
  tip.id = 'vg-tooltip';
  tip.hidden = true;
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const showTip = (_handler, event, _item, value) => {
    tip.hidden = value === null || value === undefined || value === '';
    if (tip.hidden) return;
    const lines = typeof value === 'object' ? Object.entries(value) : [['', value]];
    tip.replaceChildren(...lines.flatMap(([name, figure]) => {
      const key = document.createElement('span');
      key.textContent = name === '' ? '' : name + ' ';
      return [key, document.createTextNode(String(figure)), document.createElement('br')];
    }));
    const { innerWidth, innerHeight } = window;
    const { offsetWidth, offsetHeight } = tip;
    tip.style.left = Math.max(4, Math.min(event.clientX + 12, innerWidth - offsetWidth - 4)) + 'px';
    tip.style.top = Math.max(4, Math.min(event.clientY + 12, innerHeight - offsetHeight - 4)) + 'px';
  };
  const draw = async (figure) => {
    const drawing = figure.querySelector('.drawing');
    const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    for (const set of spec.data ?? []) {
      if (set.packed === undefined) continue;
      const { columns, cells } = set.packed;
      set.values = cells.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
      delete set.packed;
    }
    const host = document.createElement('div');
    const view = new vega.View(vega.parse(spec, undefined, { ast: true }), { renderer: 'svg', expr: expressionInterpreter, hover: true, logLevel: vega.Error, tooltip: showTip });
    const width = () => Math.max(280, Math.min(1000, drawing.clientWidth));
    view.initialize(host);
    await view.width(width()).runAsync();
    drawing.replaceChildren(host);
    figure.dataset.live = 'true';
    let last = width();
    new ResizeObserver(() => {
      if (width() === last || window.matchMedia('print').matches) return;
      last = width();
      view.width(last).runAsync();
    }).observe(drawing);
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
    const { value } = cell.dataset;
    if (value === undefined) return cell.textContent.trim().toLowerCase();
    return value === '' ? NaN : Number(value);
  };
  for (const table of document.querySelectorAll('table[data-sortable]')) {
    table.querySelectorAll('thead th').forEach((heading, column) => {
      heading.querySelector('button').addEventListener('click', () => {
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
    const rows = [...document.getElementById(field.dataset.filter).tBodies[0].rows];
    const status = document.querySelector('[data-count="' + field.dataset.filter + '"]');
    field.hidden = rows.length < 2;
    field.addEventListener('input', () => {
      const wanted = field.value.toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
      status.textContent = wanted === '' ? '' : rows.filter((row) => !row.hidden).length + ' of ' + rows.length;
    });
  }
  let closed = [];
  window.addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open])')].filter((one) => one.querySelectorAll('tr').length < 60);
    for (const one of closed) one.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const one of closed) one.open = false;
  });
})();`;
