import { CODE_EXPLANATIONS, ERROR_EXPLANATIONS, type Explanation } from '../../src/cli/explanations.ts';

/** Every error and every quality code: what it means, where it comes from, what to do. */
export function troubleshootingText(): string {
  const parts = [
    '# Troubleshooting by code',
    'Written by `npm run docs` from the tables of codes: change those, not this file. `lmpower explain CODE` says the same of one.',
    'Start with `lmpower doctor`: it probes every source and server and prints what is missing.',
    '## Errors',
    'A command that fails prints what happened, and after an arrow what to type next.',
    ...ERROR_EXPLANATIONS.map(entryText),
    '## Quality codes',
    'A number is printed with what is doubtful about it. *info*: good to know. *doubt*: the number stands, with this beside it. *void*: the joule is withheld (null).',
    ...CODE_EXPLANATIONS.map(entryText),
  ];
  return `${parts.join('\n\n')}\n`;
}

function entryText({ cause, code, message, remedy, ...kind }: Explanation): string {
  const what = 'severity' in kind ? kind.severity : `exit ${kind.exitCode}`;
  return `### ${code} (${what})\n\n${capital(message)}. ${cause}\n\n→ ${remedy}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
