import { loadLexicon } from '../../src/orchestrator/nonce.ts';

/** The commonest words of English prose, commonest first: without them every prompt would fall into letters. */
const FUNCTION_WORDS =
  'the of and to a in is that it for was on are as with his they at be this from have or by one had not but what ' +
  'all were when we there can an your which their said if do will each about how up out them then she many some so ' +
  'these would other into has more her two like him see time could no make than first been its who now';

/** The words that a vocabulary is learnt from, commonest first: behind those of all prose the project's own lexicon. */
export async function readWords(): Promise<string[]> {
  return [...FUNCTION_WORDS.split(' '), ...(await loadLexicon())];
}
