import { commandOutput } from '../command-output.ts';

/**
 * Whether a window can be shown to the person: a display on X11 or Wayland, or a login on the Mac's own screen
 * (`launchctl managername` says `Aqua` there, and another word over ssh and in daemons).
 */
export async function desktopIsThere(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  if ((env['WAYLAND_DISPLAY'] ?? env['DISPLAY'] ?? '') !== '') return true;
  const answer = await commandOutput({ file: '/bin/launchctl', args: ['managername'] });
  return answer.stdout.trim() === 'Aqua';
}
