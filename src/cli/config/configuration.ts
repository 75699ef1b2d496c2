import type { Command } from 'commander';
import { BACKEND_IDS } from '../../backends/ids.ts';
import type { Vocabulary } from './flatten.ts';
import { type Configuration, type Given, type Layer, pathOf, type ServerPlaces } from './layer.ts';
import { type ConfigPlaces, presetFolder, projectFile, userFile } from './places.ts';
import { checkProjectFile } from './project-rules.ts';
import { readConfigFile } from './read-file.ts';
import { withoutRivals } from './rivals.ts';
import { settingsOf } from './settings.ts';
import { environmentLayer } from './variables.ts';

/** Everything that a file may say to these commands. */
export function vocabularyOf(commands: readonly Command[]): Vocabulary {
  const settings = commands.flatMap(settingsOf);
  return {
    settings: new Map(settings.map((one) => [pathOf(one.section, one.key), one])),
    backends: BACKEND_IDS,
  };
}

/**
 * What variables, the user's file, the project's file and the preset that is in force say of one command.
 * Strength: flag > preset named by a flag > environment > user's file > project's file > what is built in; a preset
 * that one of these names speaks right after it.
 * @throws {LmpowerError} CONFIG_INVALID, PRESET_UNKNOWN, USAGE
 */
export async function configurationOf(
  command: Command,
  places: ConfigPlaces,
  vocabulary: Vocabulary,
): Promise<Configuration> {
  const user = await readConfigFile(userFile(places), vocabulary);
  const project = await readConfigFile(projectFile(places), vocabulary);
  if (project !== null) checkProjectFile(project);
  const files = [user, project].filter((one) => one !== null);
  const settings = settingsOf(command);
  const said = [environmentLayer(settings, places.env), ...files.map(({ values }) => values)];
  const typed = settings.flatMap(({ attribute, key, section }) =>
    command.getOptionValueSource(attribute) === 'cli' ? [pathOf(section, key)] : [],
  );
  const spoken = await withPreset(command, said, { places, vocabulary });
  return { layers: withoutRivals(spoken, typed, settings), servers: serversOf(spoken) };
}

/** Each key of each server from the strongest place that says it. */
function serversOf(layers: readonly Layer[]): ServerPlaces {
  const servers: Record<string, Record<string, unknown>> = {};
  for (const layer of [...layers].reverse())
    for (const [path, { value }] of layer) {
      const [top, id = '', key = ''] = path.split('.');
      if (top === 'backends') servers[id] = { ...servers[id], [key]: value };
    }
  return servers;
}

async function withPreset(
  command: Command,
  layers: readonly Layer[],
  { places, vocabulary }: { readonly places: ConfigPlaces; readonly vocabulary: Vocabulary },
): Promise<readonly Layer[]> {
  const key = pathOf(command.name(), 'preset');
  const byFlag: unknown =
    command.getOptionValueSource('preset') === 'cli' ? command.getOptionValue('preset') : undefined;
  const at = byFlag === undefined ? layers.findIndex((layer) => layer.has(key)) : -1;
  const name = byFlag ?? layers[at]?.get(key)?.value;
  if (typeof name !== 'string') return layers;
  const { Presets } = await import('../presets/preset-files.ts');
  const { preset, values } = await new Presets(presetFolder(places), vocabulary).find(name);
  const named = new Map(
    [...values].map(([path, given]) => [path, { ...given, origin: `preset ${preset.name}` }]),
  );
  return [...layers.slice(0, at + 1), named, ...layers.slice(at + 1)];
}

/** What is in force below the command line. */
export function givenFor({ layers }: Configuration, path: string): Given | undefined {
  return layers.find((layer) => layer.has(path))?.get(path);
}
