import type { Argument, Command, Option } from 'commander';
import { settingsOf, variableOf } from '../../src/cli/config/settings.ts';
import { code, markdownTable } from './tables.ts';

/** The reference of all commands and of what a configuration file may say, from the definitions of the commands. */
export function referenceText(program: Command): string {
  const parts = [
    '# Reference',
    'Written by `npm run docs` from the definitions of the commands: change those, not this file.',
    '`RUN` is an id, a unique prefix of one, or `latest`. stdout is data, stderr is for people. Exit codes: 0 good · 1 bug · 2 wrong usage · 3 machine or server not ready · 4 a headline energy is void, or a comparison found a regression · 130 interrupted. What an error or a quality code means: [troubleshooting](TROUBLESHOOTING.md).',
    program.commands.map((command) => `[${command.name()}](#lmpower-${command.name()})`).join(' · '),
    '## For every command',
    optionTable(program.options),
    ...program.commands.flatMap((command) => commandParts(command, `lmpower ${command.name()}`, 2)),
    ...configurationParts(program.commands),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function commandParts(command: Command, path: string, level: number): string[] {
  const visible = command.options.filter(({ hidden }) => !hidden);
  const groups = [...new Set(visible.map(groupOf))];
  return [
    `${'#'.repeat(level)} ${path}`,
    sentence(command.description()),
    `\`\`\`\n${path} ${command.usage()}\n\`\`\``,
    argumentTable(command.registeredArguments),
    ...groups.flatMap((group) => [
      groups.length > 1 ? `**${group.replace(/:$/, '')}**` : '',
      optionTable(visible.filter((option) => groupOf(option) === group)),
    ]),
    ...command.commands.flatMap((below) => commandParts(below, `${path} ${below.name()}`, level + 1)),
  ];
}

function groupOf(option: Option): string {
  return option.helpGroupHeading ?? 'Options:';
}

function argumentTable(found: readonly Argument[]): string {
  if (found.length === 0) return '';
  return markdownTable(
    ['argument', 'is'],
    found.map((one) => [`${one.name()}${one.variadic ? ' …' : ''}`, `${one.description}${defaultText(one)}`]),
  );
}

function optionTable(options: readonly Option[]): string {
  if (options.length === 0) return '';
  return markdownTable(
    ['flag', 'does'],
    options.map((option) => [`\`${option.flags}\``, `${option.description}${defaultText(option)}`]),
  );
}

/** As the help says it. */
function defaultText({ defaultValue, defaultValueDescription }: Argument | Option): string {
  if (defaultValue === undefined || typeof defaultValue === 'boolean') return '';
  return ` (default: ${defaultValueDescription ?? JSON.stringify(defaultValue)})`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

/** Keys and variables: each is the flag under another name. */
function configurationParts(commands: readonly Command[]): string[] {
  const sections = commands.flatMap((command) => {
    const settings = settingsOf(command);
    if (settings.length === 0) return [];
    const rows = settings.map((setting) => [
      code(`${setting.section}.${setting.key}`),
      code(setting.option.flags),
      code(variableOf(setting)),
    ]);
    return [`### ${code(command.name())}`, markdownTable(['key', 'flag', 'variable'], rows)];
  });
  return [
    '## Configuration',
    'A flag goes before the preset that was named, that before its variable, that before your own file (`lmpower config path` names it), that before a project’s, that before what is built in; `lmpower config show --origin` says which one spoke. A file is JSON with a section for each command: `{"run": {"baseline_s": 15}}`; its schema is published as `lmpower/schema/config.json`. A variable is the same for every command that has the flag, `LMPOWER_DB` is `--db`, and one that nothing reads is named on stderr. What is said in a stronger place takes back what contradicts it in a weaker one: `--trials 60` goes before a file’s `untilCi_pct`, `--model` before a preset’s `all`.',
    ...sections,
  ];
}
