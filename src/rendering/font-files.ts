import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LmpowerError } from '../core/errors.ts';

/** The family that ships (SIL Open Font License): pictures look alike on machines without any font. */
export const SHIPPED_FONT = 'Inter';

const PACKAGE = '@expo-google-fonts/inter';
const FILES = {
  regular: `${PACKAGE}/400Regular/Inter_400Regular.ttf`,
  bold: `${PACKAGE}/600SemiBold/Inter_600SemiBold.ttf`,
} as const;

/** Paths of the shipped font. @throws {LmpowerError} BUG where the installation is incomplete */
export async function fontFiles(): Promise<Record<keyof typeof FILES, string>> {
  return { regular: await fontFile(FILES.regular), bold: await fontFile(FILES.bold) };
}

async function fontFile(specifier: string): Promise<string> {
  try {
    const path = fileURLToPath(import.meta.resolve(specifier));
    await access(path);
    return path;
  } catch (cause) {
    throw new LmpowerError('BUG', `the font ${specifier} is missing from this installation.`, {
      cause,
      remedy: 'install lmpower again; --format html needs no font',
    });
  }
}
