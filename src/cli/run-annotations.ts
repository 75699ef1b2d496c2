import type { Command } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import { withStore } from './open-store.ts';
import { writeOut } from './output.ts';
import { shortId } from './short-id.ts';
import { subcommand } from './subcommand.ts';
import { safeText } from './text-table.ts';

const RUN = "an id, a unique prefix, or 'latest'";
const LONGEST_TAG = 64;

/** `runs tag`, `runs note` and `runs delete`. */
export function annotationCommands(): readonly Command[] {
  return [tagCommand(), noteCommand(), deleteCommand()];
}

function tagCommand(): Command {
  const command = subcommand('tag')
    .description('put tags on a run, to find it by: lmpower runs --tag TAG')
    .argument('<run>', RUN)
    .argument('<tag...>', 'one or more words')
    .option('--remove', 'take them off instead');
  return command.action((ref: string, tags: readonly string[], flags: { remove?: true }) => {
    const checked = tags.map(checkTag);
    return withStore(command, (store) => {
      const id = store.resolve(ref);
      if (flags.remove === true) store.removeTags(id, checked);
      else store.addTags(id, checked);
      const borne = store.list().find((run) => run.id === id)?.tags ?? [];
      return writeOut(`${shortId(id)}: ${borne.length === 0 ? 'no tags' : safeText(borne.join(' '))}\n`);
    });
  });
}

function noteCommand(): Command {
  const command = subcommand('note')
    .description("write a note on a run; an empty text ('') takes it away")
    .argument('<run>', RUN)
    .argument('<text>', 'replaces the former note');
  return command.action((ref: string, text: string) =>
    withStore(command, (store) => {
      const id = store.resolve(ref);
      const note = text.trim() === '' ? null : text.trim();
      store.setNote(id, note);
      return writeOut(`${shortId(id)}: ${note === null ? 'no note' : safeText(note)}\n`);
    }),
  );
}

function deleteCommand(): Command {
  const command = subcommand('delete')
    .description('delete a run and all that was recorded of it, for good')
    .argument('<run>', RUN)
    .option('--yes', 'do it');
  return command.action((ref: string, flags: { yes?: true }) =>
    withStore(command, (store) => {
      const id = store.resolve(ref);
      if (flags.yes !== true)
        throw new LmpowerError('USAGE', `run ${id} would be deleted for good.`, {
          remedy: `lmpower runs delete ${id} --yes`,
        });
      store.deleteRun(id);
      return writeOut(`${id}: deleted\n`);
    }),
  );
}

/** @throws {LmpowerError} USAGE for an empty, overlong or unprintable tag */
export function checkTag(tag: string): string {
  const trimmed = tag.trim();
  if (trimmed !== '' && trimmed.length <= LONGEST_TAG && safeText(trimmed) === trimmed) return trimmed;
  throw new LmpowerError('USAGE', `'${safeText(tag)}' is no tag.`, {
    remedy: `a tag has 1 to ${LONGEST_TAG} printable characters, for example: before-update`,
  });
}
